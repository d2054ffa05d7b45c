/** Times are the viewer's, in the language of the browser; the zone and UTC are in the title. */
export type Clock = {
  minute(time: Date): string;
  second(time: Date): string;
  day(time: Date): string;
  date(time: Date): string;
  full(time: Date): string;
};

export function clock(locale?: string, timeZone?: string): Clock {
  const base = { timeZone, hourCycle: "h23" } as const;
  const minute = new Intl.DateTimeFormat(locale, { ...base, hour: "2-digit", minute: "2-digit" });
  const second = new Intl.DateTimeFormat(locale, { ...base, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  const date = new Intl.DateTimeFormat(locale, { timeZone, day: "numeric", month: "short", year: "numeric" });
  const full = new Intl.DateTimeFormat(locale, { ...base, dateStyle: "full", timeStyle: "long" });
  return {
    minute: (time) => minute.format(time),
    second: (time) => second.format(time),
    day: (time) => day.format(time),
    date: (time) => date.format(time),
    full: (time) =>
      `${full.format(time)} · ${time
        .toISOString()
        .replace("T", " ")
        .replace(/\.\d+Z$/, "")} UTC`,
  };
}

/** dayKey is equal for two times on the same day of the viewer. */
export function dayKey(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/** length writes seconds as people write them: 0:07, 1:33, 1:02:05. */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

const units = ["B", "KB", "MB", "GB"] as const;

/** bytes writes a size in powers of 1000, with at most one decimal. */
export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit]}`;
}
