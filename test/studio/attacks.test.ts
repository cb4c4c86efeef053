/** Whoever did not start the studio gets nothing from it, and changes nothing by it. */
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunList } from "../../src/studio/api.js";
import { type Served, serve } from "./serve.js";
import { writeRun } from "./synthetic-runs.js";

let outside: string;
let root: string;
let pages: string;
let served: Served;
let id: string;

const HOSTILE = `a"><img src=x onerror=alert(1)>\n$(touch pwned)`;
const list = async () => (await served.json("GET", "/api/runs")) as RunList;

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), "vera-studio-attack-"));
  root = join(outside, "runs");
  pages = join(outside, "pages");
  await mkdir(join(pages, "studio"), { recursive: true });
  await writeFile(join(pages, "studio", "index.html"), "<!doctype html>the page");
  await writeFile(join(outside, "secret.txt"), "the secret");
  const run = await writeRun(root, { name: "a run", lines: [{ iteration: 1, kind: "train", f_data: 1 }] });
  await mkdir(join(run, "figures"));
  await writeFile(join(run, "figures", "log-density.svg"), "<svg/>");
  await writeFile(join(run, "figures", "page.html"), "<script>alert(1)</script>");
  await symlink(join(outside, "secret.txt"), join(run, "figures", "link.png"));
  await symlink(outside, join(run, "out"));
  await symlink(outside, join(root, "linked"));
  await writeRun(root, { name: HOSTILE });
  await writeRun(outside, { name: "elsewhere" });
  served = await serve([root], undefined, pages);
  id = (await list()).runs.find(({ name }) => name === "a run")!.id;
});
afterAll(async () => {
  await served.studio.close();
  await rm(outside, { recursive: true });
});

describe("who is let in", () => {
  const PATHS = [
    "/",
    "/studio/",
    "/api/runs",
    "/api/events",
    "/api/options",
    "/nothing",
    "/enter/",
    "//enter",
    "/%65nter",
    "/ENTER",
  ];

  test.each(PATHS)("%s needs the cookie", async (path) => {
    for (const cookie of [
      null,
      "",
      `${served.studio.cookie.name}=`,
      `${served.studio.cookie.name}=guessed`,
      "vera=1",
    ]) {
      const { status, text } = await served.ask(path, { headers: { cookie } });
      expect(status).toBe(401);
      expect(text).not.toContain("the page");
    }
  });

  test("the token is had for a cookie that scripts and other sites do not see", async () => {
    const { pathname, search } = new URL(served.studio.address);
    const { status, headers } = await served.ask(pathname + search, { headers: { cookie: null } });
    expect(status).toBe(200);
    expect(headers["set-cookie"]).toEqual([
      expect.stringMatching(/^vera-studio-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect(search).toMatch(/^\?token=[\w-]{43}$/);
    expect(String(headers["set-cookie"])).not.toContain(search.slice(7));
  });

  test.each(["/enter", "/enter?token=", "/enter?token=guessed", "/enter?token=a&token=b", "/enter?token[]=x"])(
    "%s is no token",
    async (path) => {
      const { status, headers } = await served.ask(path, { headers: { cookie: null } });
      expect(status).toBe(401);
      expect(headers["set-cookie"]).toBeUndefined();
    },
  );

  test("the cookie is no token, nor the token a cookie", async () => {
    const { name, value } = served.studio.cookie;
    expect((await served.ask(`/enter?token=${value}`, { headers: { cookie: null } })).status).toBe(401);
    const token = new URL(served.studio.address).searchParams.get("token");
    expect((await served.ask("/api/runs", { headers: { cookie: `${name}=${token}` } })).status).toBe(401);
  });

  test("other machines cannot connect", async () => {
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    for (const { address, family } of own.filter((each) => !each.internal && each.family === "IPv4")) {
      const connected = await new Promise((resolve) => {
        const socket = connect({ host: address, port: served.studio.port, timeout: 2000 });
        socket
          .on("connect", () => resolve(true))
          .on("error", () => resolve(false))
          .on("timeout", () => resolve(false));
        socket.on("close", () => socket.destroy());
      });
      expect(connected, `${family} ${address}`).toBe(false);
    }
  });
});

describe("names and origins", () => {
  test.each([
    "evil.example",
    "127.0.0.1",
    "localhost",
    "127.0.0.1.evil.example:PORT",
    "evil.example:PORT",
    "[::1]:PORT",
    "localhost:1",
    "",
  ])("host %j is refused, the cookie notwithstanding", async (host) => {
    const { status } = await served.ask("/api/runs", {
      headers: { host: host.replace("PORT", String(served.studio.port)) },
    });
    expect([400, 403]).toContain(status);
  });

  test("both names of this machine are its own", async () => {
    const host = `localhost:${served.studio.port}`;
    expect((await served.ask("/api/runs", { headers: { host } })).status).toBe(200);
    const headers = { host, origin: `http://${host}` };
    expect((await served.ask(`/api/runs/${id}`, { method: "PATCH", headers, body: "{}" })).status).toBe(200);
  });

  const WRITES = [
    "POST /api/runs",
    "POST /api/check",
    "POST /api/uploads",
    "PATCH /api/runs/ID",
    "DELETE /api/runs/ID",
    "POST /api/runs/ID/stop",
    "POST /api/runs/ID/resume",
    "POST /api/runs/ID/export",
  ];

  test.each(WRITES)("%s is for the page alone", async (what) => {
    const [method = "", path = ""] = what.replace("ID", id).split(" ");
    const before = await readdir(root);
    const other = `http://localhost:${served.studio.port + 1}`;
    for (const origin of [
      null,
      "null",
      "https://evil.example",
      other,
      `https://127.0.0.1:${served.studio.port}`,
      `http://localhost:${served.studio.port}`,
    ]) {
      expect((await served.ask(path, { method, headers: { origin }, body: "{}" })).status, String(origin)).toBe(403);
    }
    for (const site of ["cross-site", "same-site"])
      expect((await served.ask(path, { method, headers: { "sec-fetch-site": site }, body: "{}" })).status).toBe(403);
    expect(await readdir(root)).toEqual(before);
  });

  test("other sites read nothing, nor show it", async () => {
    for (const site of ["cross-site", "same-site"]) {
      expect((await served.ask("/api/runs", { headers: { "sec-fetch-site": site } })).status).toBe(403);
      const asked = { "sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
      expect((await served.ask(`/api/runs/${id}/files/figures/log-density.svg`, { headers: asked })).status).toBe(403);
    }
    const { headers } = await served.ask("/api/runs", { headers: { origin: "https://evil.example" } });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
    expect(
      (await served.ask("/api/runs", { method: "OPTIONS", headers: { origin: "https://evil.example" } })).status,
    ).toBe(403);
  });

  test("a form's content is no request", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "text/plain; application/json",
    ]) {
      const { status } = await served.ask("/api/runs", {
        method: "POST",
        headers: { "content-type": type },
        body: "{}",
      });
      expect(status, type).toBe(415);
    }
  });
});

describe("files", () => {
  const PATHS = [
    "../../secret.txt",
    "..%2f..%2fsecret.txt",
    "%2e%2e/%2e%2e/secret.txt",
    "%2e%2e%2f%2e%2e%2fsecret.txt",
    "..%252f..%252fsecret.txt",
    "figures/../../../secret.txt",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "..\\..\\secret.txt",
    "..%5c..%5csecret.txt",
    "figures/link.png",
    "out/secret.txt",
    "out/elsewhere/config.json",
    "config.json%00.png",
    "figures",
    "",
    ".",
    "..",
    "....//....//secret.txt",
    "file:///etc/passwd",
    "%c0%ae%c0%ae/secret.txt",
  ];

  test.each(PATHS)("%j of a run is not served", async (path) => {
    for (const base of [`/api/runs/${id}/files/`, "/studio/", "/"]) {
      if (base !== `/api/runs/${id}/files/` && !path.includes("secret") && !path.includes("passwd")) continue;
      const { status, text } = await served.ask(base + path);
      expect(status, base).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain("the secret");
      expect(text).not.toContain("root:");
    }
  });

  test.each([
    "..",
    "%2e%2e",
    "..%2felsewhere",
    "%2fetc",
    "linked",
    "__proto__",
    "constructor",
    "a%20run",
    "%00",
    "x".repeat(400),
  ])("%j is no run", async (name) => {
    for (const rest of ["", "/log", "/curves", "/files/config.json"])
      expect((await served.ask(`/api/runs/${name}${rest}`)).status).toBeGreaterThanOrEqual(400);
  });

  test("runs behind links are not there", async () => {
    expect((await list()).runs.map(({ name }) => name).sort()).toEqual([HOSTILE, "a run"].sort());
  });

  test("what is served can run nothing", async () => {
    const svg = await served.ask(`/api/runs/${id}/files/figures/log-density.svg`);
    expect(svg.headers["content-type"]).toBe("image/svg+xml");
    expect(svg.headers["content-security-policy"]).toContain("sandbox");
    const page = await served.ask(`/api/runs/${id}/files/figures/page.html`);
    expect(page.headers["content-type"]).toBe("application/octet-stream");
    expect(page.headers["content-disposition"]).toMatch(/^attachment/);
  });

  const NAMES = [
    "../out",
    "/tmp/x",
    "a/../../x",
    "..",
    ".hidden",
    "-rf",
    "a\0b",
    "a\nb",
    "a\\b",
    "",
    " ",
    "a/",
    "a//b",
    "linked/x",
    "C:x",
    "<b>",
    "x".repeat(101),
    "a.",
    "$(x)",
  ];

  test.each(NAMES)("%j is no name for a run", async (name) => {
    const body = JSON.stringify({ name, preset: null, settings: { dataset: "moons" } });
    expect((await served.ask("/api/runs", { method: "POST", body })).status).toBe(400);
    expect((await served.ask(`/api/runs/${id}`, { method: "PATCH", body: JSON.stringify({ name }) })).status).toBe(400);
  });

  test.each(["saveDir", "save-dir", "resume", "ckpt-path", "overwrite", "config", "preset"])(
    "a new run cannot say --%s",
    async (name) => {
      const body = JSON.stringify({
        name: "b",
        preset: null,
        settings: { dataset: "moons", [name]: join(outside, "x") },
      });
      expect((await served.ask("/api/runs", { method: "POST", body })).status).toBe(400);
    },
  );
});

describe("runs of somebody else", () => {
  test("start nothing when their folder is opened, stop nothing, and write nowhere else", async () => {
    const sent = join(outside, "sent");
    const run = await writeRun(sent, { name: "sent", flags: { ckptPath: join(outside, "secret.txt") } });
    const job = {
      key: randomUUID(),
      path: run,
      created: 1,
      problem: null,
      data: "",
      mode: "",
      architecture: "",
      values: {},
    };
    const jobs = [
      { ...job, argv: ["train", "--resume", run], process: null },
      { ...job, argv: [], process: { pid: process.pid, started: null } },
    ];
    await mkdir(join(sent, ".vera-studio"));
    await writeFile(join(sent, ".vera-studio", "queue.json"), JSON.stringify(jobs));
    const claim = { pid: process.pid, started: "1", host: "h", place: "p", since: "s" };
    await writeFile(join(run, `.vera-${randomUUID()}.lock`), JSON.stringify(claim));
    const other = await serve(
      [sent],
      [process.execPath, "-e", `fs.writeFileSync(${JSON.stringify(join(outside, "started"))}, "")`],
    );
    const { runs } = (await other.json("GET", "/api/runs")) as RunList;
    const [{ id: sentId, state } = { id: "", state: "" }] = runs;
    expect(runs).toHaveLength(1);
    // A claim of another place is believed for two minutes, but no process of this machine is stopped for it.
    expect(state).toBe("training");
    await expect(other.json("POST", `/api/runs/${sentId}/stop`)).rejects.toThrow(/^409.*stop it there/);
    await rm(run, { recursive: true });
    await writeRun(sent, { name: "sent", flags: { ckptPath: join(outside, "secret.txt") } });
    await expect(other.json("POST", `/api/runs/${sentId}/resume`)).rejects.toThrow(/^409.*outside of its folder/);
    await other.studio.close();
    expect(await readdir(outside)).not.toContain("started");
  });
});

describe("what pages may do", () => {
  test.each(["/studio/", "/api/runs", "/nothing", "/enter"])("headers of %s", async (path) => {
    const { headers } = await served.ask(path);
    const policy = headers["content-security-policy"];
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/'unsafe-inline'|'unsafe-eval'|\*|https?:/);
    expect(headers).toMatchObject({
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
  });

  test("hostile names are text", async () => {
    const run = (await list()).runs.find(({ name }) => name === HOSTILE)!;
    expect(run.id).toMatch(/^[\w-]+$/);
    const detail = (await served.json("GET", `/api/runs/${run.id}`)) as { readonly command: string };
    expect(detail.command).toContain("'$(touch pwned)'".slice(1)); // within the quotes that the path begins with
    expect(detail.command).toMatch(/^vera train --resume '[^']+'$/);
    const { headers } = await served.ask("/api/runs");
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    const exported = (await served.json("POST", `/api/runs/${run.id}/export`, { format: "html" })) as {
      readonly address: string;
    };
    const { text, headers: saved } = await served.ask(exported.address);
    expect(saved["content-disposition"]).not.toMatch(/[\n<>$]/);
    expect(text).not.toContain("<img");
    expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;");
    expect(text).toContain("default-src 'none'".replaceAll("'", "&#39;"));
  });

  test("errors are sentences without stacks", async () => {
    for (const [path, body] of [
      ["/api/runs", "{"],
      ["/api/runs", "[]"],
      ["/api/check", '{"name":1}'],
      [`/api/runs/${id}/export`, '{"format":"exe"}'],
    ]) {
      const { status, text } = await served.ask(path!, { method: "POST", body: body! });
      expect(status).toBe(400);
      expect(Object.keys(JSON.parse(text))).toEqual(["error"]);
      expect(text).not.toMatch(/\bat .*:\d+:\d+|node_modules/);
    }
  });

  test("what is sent is bounded", async () => {
    const { status } = await served.ask("/api/check", { method: "POST", body: `"${"x".repeat(2 ** 20)}"` });
    expect(status).toBe(413);
  });
});
