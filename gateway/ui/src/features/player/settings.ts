/** What the player remembers of a person: numbers, and nothing of what was heard. */
export type Settings = {
  speed: number;
  skipSilence: boolean;
  /** From 0 to 1, by whose voice it is or by side. */
  volumes: Readonly<Record<Voice, number>>;
};

export type Voice = "agent" | "customer" | "left" | "right" | "both";

export const voices: readonly Voice[] = ["agent", "customer", "left", "right", "both"];
export const speeds = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const;

export const usual: Settings = {
  speed: 1,
  skipSilence: false,
  volumes: { agent: 1, customer: 1, left: 1, right: 1, both: 1 },
};

/** The next speed up or down; at either end it stays. */
export function nextSpeed(speed: number, by: 1 | -1): number {
  const found = by === 1 ? speeds.find((one) => one > speed) : speeds.findLast((one) => one < speed);
  return found ?? speed;
}

const nameFor = (person: string) => `sightglass-player:${person}`;

/** One line of numbers: speed, skip silence, then a volume a voice. */
export function remember(person: string, settings: Settings): void {
  const numbers = [settings.speed, settings.skipSilence ? 1 : 0, ...voices.map((voice) => settings.volumes[voice])];
  localStorage.setItem(nameFor(person), numbers.join(" "));
}

/** Whatever the browser holds, settings within their bounds come back. */
export function remembered(person: string): Settings {
  const numbers = (localStorage.getItem(nameFor(person)) ?? "").split(" ").map(Number.parseFloat);
  const [speed = Number.NaN, skip, ...rest] = numbers;
  const volume = (index: number) => {
    const value = rest[index] ?? Number.NaN;
    return value >= 0 && value <= 1 ? value : 1;
  };
  return {
    speed: speeds.find((one) => one === speed) ?? usual.speed,
    skipSilence: skip === 1,
    volumes: Object.fromEntries(voices.map((voice, index) => [voice, volume(index)])) as Settings["volumes"],
  };
}
