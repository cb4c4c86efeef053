/** A few models held ready: loaded when they are first asked for, and again where their run has a newer checkpoint; released when others need the room. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { TrainedRun } from "../../runs/index.js";
import { HeldModel } from "../ask/held.js";
import { LandscapeDrawer } from "../landscape/landscape.js";

/** Models that are held at a time. */
const HELD = 3;

interface Slot {
  readonly stamp: string;
  readonly held: Promise<HeldModel>;
  drawer: LandscapeDrawer | null;
  /** Calls that use it: it is not released before they end. */
  users: number;
  /** In the order of use. */
  last: number;
}

export class Shelf {
  private readonly slots = new Map<string, Slot>();
  private clock = 0;

  /** @param load reads a run's best checkpoint, else its last */
  constructor(private readonly load: (folder: string) => Promise<TrainedRun>) {}

  /** Calls `body` with the model of a run. @throws what loading throws */
  async use<T>(folder: string, body: (held: HeldModel, slot: { drawer(): LandscapeDrawer }) => Promise<T>): Promise<T> {
    const stamp = await stampOf(folder);
    let slot = this.slots.get(folder);
    if (slot === undefined || slot.stamp !== stamp) {
      if (slot !== undefined) this.drop(folder, slot);
      slot = { stamp, held: this.load(folder).then(HeldModel.of), drawer: null, users: 0, last: 0 };
      this.slots.set(folder, slot);
    }
    const used = slot;
    used.last = ++this.clock;
    used.users++;
    try {
      const held = await used.held;
      const drawer = () => {
        used.drawer ??= new LandscapeDrawer(held.run, held.reference);
        return used.drawer;
      };
      return await body(held, { drawer });
    } catch (cause) {
      // What could not be loaded is tried again.
      await used.held.catch(() => this.slots.get(folder) === used && this.slots.delete(folder));
      throw cause;
    } finally {
      used.users--;
      if (this.slots.get(folder) !== used) await release(used);
      await this.makeRoom();
    }
  }

  private drop(folder: string, slot: Slot): void {
    this.slots.delete(folder);
    if (slot.users === 0) void release(slot);
  }

  private async makeRoom(): Promise<void> {
    const idle = [...this.slots].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.last - b.last);
    for (const [folder, slot] of idle.slice(0, Math.max(0, this.slots.size - HELD))) this.drop(folder, slot);
  }
}

/** Released once, when nobody uses it. */
async function release(slot: Slot): Promise<void> {
  if (slot.users > 0) return;
  const held = await slot.held.catch(() => null);
  await slot.drawer?.release();
  await held?.release();
}

/** Of the files that loading looks for. */
async function stampOf(folder: string): Promise<string> {
  const files = ["checkpoints/best.safetensors", "checkpoints/last.safetensors"];
  const found = await Promise.all(files.map((file) => stat(join(folder, file)).catch(() => null)));
  return found.map((file) => `${file?.mtimeMs} ${file?.size}`).join();
}
