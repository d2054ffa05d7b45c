/** Reads what was typed as an IP rule: networks and addresses, with commas, spaces or lines between them. */
export function readRules(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

/** A last day (UTC) as the moment of the end: the midnight after it; "" stays "". */
export function endAfter(day: string): string {
  if (!day) return "";
  const end = new Date(`${day}T00:00:00Z`);
  end.setUTCDate(end.getUTCDate() + 1);
  return end.toISOString();
}

/** The last day before the moment of an end, for an input of type date. */
export function lastDayOf(end: string | undefined): string {
  return end ? new Date(Date.parse(end) - 1).toISOString().slice(0, 10) : "";
}
