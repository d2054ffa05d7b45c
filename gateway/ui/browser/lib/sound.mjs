// Measuring what is heard: samples above silence, not the `playing` event.
import { readFileSync } from "node:fs";
import { visit } from "./browser.mjs";

const hour = "/i/zd/ticket/5238";

/** Opens the hour-long call, with a probe that listens to the <audio> element. */
export async function openHour(browser, demo, state) {
  const visitor = await visit(browser, demo, { state });
  await visitor.page.addInitScript(probe);
  await visitor.page.goto(`${demo.url}${hour}`);
  await visitor.page.locator("[role=feed][aria-busy=false]").waitFor({ state: "attached" });
  await visitor.page.waitForFunction(() => document.querySelector("audio"));
  return visitor;
}

/** A provider's distance: 80 ms round trip, 10 Mbit/s. */
export async function distant(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const bytes = 10_000_000 / 8;
  await session.send("Network.emulateNetworkConditions", {
    ...{ offline: false, latency: 80, downloadThroughput: bytes, uploadThroughput: bytes },
  });
}

/** Milliseconds from the click on Play to the first samples above silence. */
export function firstSound(page) {
  return page.evaluate(() => {
    window.listenTo(document.querySelector("audio"));
    const button = document.querySelector('section[aria-label="Player"] button[aria-label="Play"]');
    const from = performance.now();
    button.click();
    return window.loudAfter(from, () => document.querySelector("audio").currentTime >= 0);
  });
}

/** Milliseconds from a press on the lanes to sound from there. */
export function seekSound(page, second) {
  return page.evaluate((target) => {
    const lanes = document.querySelector('[role="slider"][aria-label="Position in the recording"]');
    const box = lanes.getBoundingClientRect();
    const at = { bubbles: true, pointerId: 1, button: 0, buttons: 1, clientY: box.top + 10 };
    lanes.setPointerCapture = () => undefined; // no pointer is down
    const clientX = box.left + (target / Number(lanes.getAttribute("aria-valuemax"))) * box.width;
    const from = performance.now();
    lanes.dispatchEvent(new PointerEvent("pointerdown", { ...at, clientX }));
    const heard = document.querySelector("audio");
    return window.loudAfter(from, () => !heard.seeking && Math.abs(heard.currentTime - target) < 20);
  }, second);
}

/** Milliseconds from now until the last pixels of the waveform are drawn. */
export function waveDrawn(page, within) {
  return page.evaluate(async (longest) => {
    const from = performance.now();
    const drawn = () => {
      const canvas = document.querySelector("[role=slider] canvas");
      if (!canvas?.width) return false;
      const { data } = canvas.getContext("2d").getImageData(canvas.width - 6, 0, 6, canvas.height);
      return data.filter((value, i) => i % 4 === 3 && value > 0).length > 24;
    };
    while (!drawn()) {
      if (performance.now() - from > longest) throw new Error("the waveform is not drawn");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return performance.now() - from;
  }, within);
}

/** What the page's renderer holds (resident, less shared files), in MB. */
export async function memoryOf(page) {
  const session = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]) / 1024);
  return Math.round(Math.max(...sizes));
}

/**
 * Runs in the page. captureStream leaves the element's own way to the loudspeaker as it is. The window
 * is 2,048 samples: what is heard after a seek may be that much (43 ms at 48 kHz) later than it is told.
 */
function probe() {
  let analyser;
  window.listenTo = (element) => {
    const context = new AudioContext();
    analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    const connect = () => context.createMediaStreamSource(stream).connect(analyser);
    const stream = element.captureStream();
    stream.addEventListener("addtrack", connect);
    if (stream.getAudioTracks().length > 0) connect();
  };
  window.loudAfter = async (from, there) => {
    const samples = new Float32Array(2048);
    while (performance.now() - from < 20_000) {
      await new Promise((resolve) => setTimeout(resolve, 4));
      if (!there()) continue;
      analyser.getFloatTimeDomainData(samples);
      if (samples.some((value) => Math.abs(value) > 0.01)) return performance.now() - from;
    }
    throw new Error("nothing was heard");
  };
}
