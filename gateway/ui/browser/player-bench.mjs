// How soon an hour-long call is heard on this machine: `make bench-player`. It prints figures and asserts
// none: they mean something on a machine that does nothing else.
import { launch, signIn } from "./lib/browser.mjs";
import { startDemo } from "./lib/demo.mjs";
import { distant, firstSound, memoryOf, openHour, seekSound, waveDrawn } from "./lib/sound.mjs";

const rounds = Number(process.env.ROUNDS ?? 5);
const demo = await startDemo();
const browser = await launch();
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const spread = (list) => list.map((one) => Math.round(one)).join(" ");

try {
  const state = await signIn(browser, demo);
  for (const [name, prepare] of [
    ["loopback", undefined],
    ["80 ms, 10 Mbit/s", distant],
  ]) {
    const [first, seek] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const { context, page } = await openHour(browser, demo, state);
      await prepare?.(page);
      first.push(await firstSound(page));
      seek.push(await seekSound(page, 3000));
      await context.close();
    }
    console.log(`${name}: first sound ${Math.round(median(first))} ms (${spread(first)})`);
    console.log(`${name}: seek to 50:00 ${Math.round(median(seek))} ms (${spread(seek)})`);
  }
  const { context, page } = await openHour(browser, demo, state);
  await firstSound(page);
  console.log(`hour's waveform drawn after ${((await waveDrawn(page, 60_000)) / 1000).toFixed(1)} s`);
  console.log(`renderer memory ${await memoryOf(page)} MB`);
  await context.close();
} finally {
  await browser.close();
  await demo.stop();
}
