import type { Lane } from "./lines";
import type { Peaks } from "./peaks";

/** Telephone speech is quiet: half the loudness is drawn as 0.6 of the height. */
const height = (value: number) => (Math.abs(value) / 127) ** 0.75;

/**
 * drawLane draws one channel: filled, or as an outline for the customer, so that the two are told
 * apart without colour. What is not decoded is a hairline.
 */
export function drawLane(canvas: HTMLCanvasElement, lane: Lane, peaks: Peaks | undefined, seconds: number): void {
  const context = fitted(canvas);
  if (!context) return;
  const [width, tall] = [canvas.clientWidth, canvas.clientHeight];
  const middle = tall / 2;
  context.clearRect(0, 0, width, tall);
  context.fillStyle = context.strokeStyle = getComputedStyle(canvas).color;
  const outline: [number, number, number][] = []; // x, top, bottom
  const step = lane.look === "customer" ? 2 : 1;
  for (let x = 0; x < width; x += step) {
    const range =
      seconds > 0 ? peaks?.range(lane.channel, (x / width) * seconds, ((x + step) / width) * seconds) : undefined;
    if (!range) {
      context.globalAlpha = 0.5;
      context.fillRect(x, Math.floor(middle), width - x, 1);
      context.globalAlpha = 1;
      break;
    }
    const [up, down] = [height(range[1]) * (middle - 1), height(range[0]) * (middle - 1)];
    if (lane.look === "customer") outline.push([x + step / 2, middle - up, middle + down]);
    else context.fillRect(x, middle - Math.max(0.5, up), step, Math.max(1, up + down));
  }
  if (outline.length > 0) strokeAround(context, outline);
}

function strokeAround(context: CanvasRenderingContext2D, outline: readonly [number, number, number][]) {
  context.lineWidth = 1;
  context.lineJoin = "round";
  context.beginPath();
  outline.forEach(([x, top], i) => void (i === 0 ? context.moveTo(x, top) : context.lineTo(x, top)));
  outline.toReversed().forEach(([x, , bottom]) => void context.lineTo(x, bottom));
  context.closePath();
  context.globalAlpha = 0.18;
  context.fill();
  context.globalAlpha = 1;
  context.stroke();
}

function fitted(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const scale = window.devicePixelRatio || 1;
  const [width, tall] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
  if (canvas.width !== width || canvas.height !== tall) [canvas.width, canvas.height] = [width, tall];
  const context = canvas.getContext("2d");
  context?.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}
