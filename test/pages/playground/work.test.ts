/** The queue of a worker: orders in turn, rounds between them. */
import { expect, test } from "vitest";
import { Work } from "../../../pages/playground/train/work.js";

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("orders wait for those before, and come in between rounds", async () => {
  const done: string[] = [];
  const work = new Work((why) => done.push(`failed: ${why}`));
  void work.enqueue(async () => {
    await later();
    done.push("first");
  });
  work.running = true;
  let rounds = 0;
  const round = async () => {
    await later();
    done.push(`round ${++rounds}`);
    if (rounds === 2) work.running = false;
  };
  const looping = work.loop(round);
  void work.loop(round); // one loop is enough
  void work.enqueue(async () => void done.push("between"));
  await looping;
  expect(done).toEqual(["first", "round 1", "between", "round 2"]);
});

test("what fails is told and ends the rounds; orders go on", async () => {
  const done: string[] = [];
  const work = new Work((why) => done.push(why));
  work.running = true;
  await work.loop(async () => {
    throw new RangeError("no such digit");
  });
  expect(work.running).toBe(false);
  await work.enqueue(async () => void done.push("answered"));
  expect(done).toEqual(["no such digit", "answered"]);
});
