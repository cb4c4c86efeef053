import { startSite } from "./site.ts";
import { startChromium } from "../engines/browser.ts";
const site = await startSite();
const browser = await startChromium();
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.on("console", (m) => console.log("console:", m.text()));
page.on("pageerror", (e) => console.log("error:", e));
page.on("requestfailed", (r) => console.log("failed:", r.url()));
page.on("response", (r) => r.status() >= 400 && console.log(r.status(), r.url()));
await page.goto(`${site.origin}/playground/${process.argv[2] ?? ""}`);
for (let k = 0; k < 10; k++) { await page.waitForTimeout(2000); const t = (await page.locator(".method").allInnerTexts()).map((s) => s.replace(/\n/g," ")).join(" | "); console.log(k, t, await page.evaluate(() => crossOriginIsolated)); if (!t.includes("loading")) break; }
await page.getByRole("button", { name: "Start training" }).click({timeout: 10000});
const t = Date.now();
for (let k = 0; k < 4; k++) { await page.waitForTimeout(5000); console.log((Date.now()-t)/1000, (await page.locator(".method").allInnerTexts()).map((s) => s.replace(/\n/g," ")).join(" | "), await page.locator(".timeline").innerText()); }
await page.screenshot({ path: "/tmp/play/b.png", fullPage: true });
await page.getByRole("button", { name: "One step" }).click();
await page.waitForTimeout(6000);
await page.getByRole("button", { name: "2 · Weigh" }).click({timeout: 5000}).catch(e => console.log(String(e).slice(0,300)));
await page.waitForTimeout(500);
await page.screenshot({ path: "/tmp/play/c.png", fullPage: true });
await browser.close(); await site.close();
