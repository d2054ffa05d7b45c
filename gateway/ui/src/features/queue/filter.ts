import type { Schemas } from "../../api/problem";

export type FilterName = Schemas["FilterName"];

/**
 * What narrows the list, as the address holds it: ids and the provider's own words, one value a name.
 * `list` is the link; `days` counts back from now; `seed` and `n` are of a draw. Nothing that a person
 * types about a customer is here.
 */
export type QueueSearch = Partial<Record<string, string>>;

/** What a person types about a customer. It lives while the pane is shown, and in no address. */
export type Typed = { text?: string; person?: string };

const names = ["list", "days", "from", "to", "agent", "group", "status", "tag", "channel", "direction", "csat"];
const ofDraw = ["seed", "n"];
const fieldName = /^field\.[0-9A-Za-z_-]{1,64}$/;

/** What of an address is the list's; everything else is left out. */
export function queueSearch(search: Record<string, unknown>): QueueSearch {
  const found: QueueSearch = {};
  for (const [name, value] of Object.entries(search)) {
    if (typeof value !== "string" || value === "" || value.length > 500) continue;
    if (names.includes(name) || ofDraw.includes(name) || fieldName.test(name)) found[name] = value;
  }
  return found.list ? found : {};
}

/** One filter that is on. */
export type Chip = { name: FilterName; key: string; value: string };

/** The filters in the order in which they are shown; the dates are always one. */
export function chipsOf(search: QueueSearch, typed: Typed): Chip[] {
  const chips: Chip[] = [{ name: "dates", key: "days", value: datesOf(search) }];
  for (const key of ["status", "agent", "group", "channel", "direction", "tag", "csat"] as const) {
    const value = search[key];
    if (value) chips.push({ name: key, key, value });
  }
  for (const [key, value] of Object.entries(search)) {
    if (fieldName.test(key) && value) chips.push({ name: "field", key, value });
  }
  if (typed.text) chips.push({ name: "text", key: "text", value: typed.text });
  if (typed.person) chips.push({ name: "person", key: "person", value: typed.person });
  return chips;
}

/** "7", or "2026-11-01/2026-11-07". */
function datesOf({ days, from, to }: QueueSearch): string {
  return from || to ? `${day(from)}/${day(to)}` : String(daysOf(days));
}

const day = (moment?: string) => (moment ?? "").slice(0, 10);

/** A list goes back seven days unless it says otherwise. */
export const defaultDays = 7;

export function daysOf(days: string | undefined): number {
  const n = Number(days);
  return Number.isInteger(n) && n > 0 && n <= 366 ? n : defaultDays;
}

/** Without one filter. */
export function without(search: QueueSearch, key: string): QueueSearch {
  const rest = { ...search };
  delete rest[key];
  if (key === "days") for (const name of ["from", "to"]) delete rest[name];
  return rest;
}

/** The list that a draw was made of. */
export function undrawn(search: QueueSearch): QueueSearch {
  return without(without(search, "seed"), "n");
}

/** A draw is of fixed dates: tomorrow the same address gives the same draw. */
export function drawnFrom(search: QueueSearch, n: number, seed: string, now: Date): QueueSearch {
  const rest: QueueSearch = { ...undrawn(search), n: String(n), seed };
  if (rest.from && rest.to) return rest;
  const to = new Date(Math.ceil(now.getTime() / 1000) * 1000);
  const from = new Date(to.getTime() - daysOf(search.days) * 86_400_000);
  return { ...without(rest, "days"), from: rest.from ?? iso(from), to: rest.to ?? iso(to) };
}

const iso = (moment: Date) => moment.toISOString().replace(".000Z", "Z");

const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Eight letters that can be read out: 7K3M-9QXD. */
export function newSeed(bytes: Uint8Array = crypto.getRandomValues(new Uint8Array(8))): string {
  const seed = [...bytes].map((byte) => letters[byte % 32]).join("");
  return `${seed.slice(0, 4)}-${seed.slice(4)}`;
}

/** What somebody typed as a seed, or nothing when it is none. */
export function asSeed(typed: string): string | undefined {
  const bare = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
  return bare.length === 8 ? `${bare.slice(0, 4)}-${bare.slice(4)}` : undefined;
}

export type DrawOf = { n: number; seed: string };

export function drawOf({ n, seed }: QueueSearch): DrawOf | undefined {
  const wanted = Number(n);
  const known = asSeed(seed ?? "");
  return known && Number.isInteger(wanted) && wanted > 0 && wanted <= 100 ? { n: wanted, seed: known } : undefined;
}

/** The filter as the API takes it. */
export function requestOf(search: QueueSearch, typed: Typed, now: Date): Schemas["ListRequest"] {
  const many = (value?: string) => (value ? value.split(",") : undefined);
  const fields = Object.entries(search).filter(([key, value]) => fieldName.test(key) && value);
  const dated = search.from || search.to;
  const since = new Date(Math.floor(now.getTime() / 1000) * 1000 - daysOf(search.days) * 86_400_000);
  const request: Schemas["ListRequest"] = {
    from: dated ? search.from : search.days ? iso(since) : undefined,
    to: search.to,
    agent: search.agent,
    group: search.group,
    status: many(search.status),
    tag: many(search.tag),
    channel: search.channel,
    direction: search.direction === "inbound" || search.direction === "outbound" ? search.direction : undefined,
    csat: search.csat,
    field:
      fields.length > 0 ? Object.fromEntries(fields.map(([k, v]) => [k.slice("field.".length), v ?? ""])) : undefined,
    text: typed.text || undefined,
    person: typed.person || undefined,
  };
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}

/** The same as a query, for what holds nothing typed. */
export function queryOf({ field, status, tag, ...rest }: Schemas["ListRequest"]): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) query.set(name, String(value));
  if (status) query.set("status", status.join(","));
  if (tag) query.set("tag", tag.join(","));
  for (const [id, value] of Object.entries(field ?? {})) query.set(`field.${id}`, value);
  return query.toString();
}
