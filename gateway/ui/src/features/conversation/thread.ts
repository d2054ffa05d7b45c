import type {
  Attachment,
  ContentPart,
  HeaderPart,
  MessagePart,
  MissingPart,
  PersonPart,
  Role,
  ShownPart,
  TranscriptPart,
  Who,
} from "./parts";

/** One row of the thread. Its identity changes only when what it shows changes. */
export type Entry = {
  readonly key: string;
  /** Milliseconds; a part without a time stands where it arrived. */
  readonly time: number;
  /** Order of arrival, which decides between equal times. */
  readonly order: number;
  readonly part: ShownPart;
};

/** All that has arrived of one interaction, in the order it is read. Immutable. */
export type Thread = {
  readonly header: HeaderPart | undefined;
  readonly people: ReadonlyMap<string, PersonPart>;
  readonly entries: readonly Entry[];
  readonly byKey: ReadonlyMap<string, Entry>;
  readonly transcripts: ReadonlyMap<string, readonly TranscriptPart[]>;
  /** Handles that a later stream brought for parts already shown; the newest wins. */
  readonly handles: ReadonlyMap<string, string>;
  /** Every open of this view: trying again is a new line in the audit log. */
  readonly opens: readonly string[];
  readonly waitingFor: string | undefined;
  readonly messages: number;
  /** Parts taken in so far, those that came again included. */
  readonly arrived: number;
  /** Where a part without a time of its own goes. */
  readonly lastTime: number;
};

export const emptyThread: Thread = {
  header: undefined,
  people: new Map(),
  entries: [],
  byKey: new Map(),
  transcripts: new Map(),
  handles: new Map(),
  opens: [],
  waitingFor: undefined,
  messages: 0,
  arrived: 0,
  lastTime: Number.NEGATIVE_INFINITY,
};

/**
 * merge adds parts to a thread. Parts are known by type, link and id, so that reading a stream a
 * second time adds nothing twice: what is the same keeps its row, what has changed at the provider
 * meanwhile (an edit, a redaction) replaces it, and nothing that was shown is taken away.
 */
export function merge(thread: Thread, parts: readonly ContentPart[]): Thread {
  if (parts.length === 0) return thread;
  const draft = new Draft(thread);
  for (const part of parts) draft.add(part);
  return draft.done();
}

/** Draft copies a collection the first time that it is written to. */
class Draft {
  private header: HeaderPart | undefined;
  private waitingFor: string | undefined;
  private people: Map<string, PersonPart> | undefined;
  private entries: Entry[] | undefined;
  private byKey: Map<string, Entry> | undefined;
  private transcripts: Map<string, readonly TranscriptPart[]> | undefined;
  private handles: Map<string, string> | undefined;
  private opens: string[] | undefined;
  private messages: number;
  private arrived: number;
  private lastTime: number;

  constructor(private readonly from: Thread) {
    this.header = from.header;
    this.messages = from.messages;
    this.arrived = from.arrived;
    this.lastTime = from.lastTime;
  }

  add(part: ContentPart) {
    this.arrived++;
    this.waitingFor = undefined;
    switch (part.type) {
      case "header":
        return this.addHeader(part);
      case "person":
        return this.addPerson(part);
      case "transcript":
        return this.addTranscript(part);
      case "wait":
        this.arrived--;
        this.waitingFor = part.for;
        return;
      default:
        return this.addShown(part);
    }
  }

  done(): Thread {
    return {
      header: this.header,
      people: this.people ?? this.from.people,
      entries: this.entries ?? this.from.entries,
      byKey: this.byKey ?? this.from.byKey,
      transcripts: this.transcripts ?? this.from.transcripts,
      handles: this.handles ?? this.from.handles,
      opens: this.opens ?? this.from.opens,
      waitingFor: this.waitingFor,
      messages: this.messages,
      arrived: this.arrived,
      lastTime: this.lastTime,
    };
  }

  private addHeader(part: HeaderPart) {
    const set = Object.entries(part).filter(([, value]) => value !== undefined && value !== null);
    this.header = { ...this.header, ...(Object.fromEntries(set) as HeaderPart) };
    const opens = this.opens ?? this.from.opens;
    if (part.open && !opens.includes(part.open)) this.opens = [...opens, part.open];
  }

  private addPerson(part: PersonPart) {
    const key = personKey(part.link, part.id);
    const known = (this.people ?? this.from.people).get(key);
    if (known && sameContent(known, part)) return;
    this.people ??= new Map(this.from.people);
    this.people.set(key, known ? { ...known, ...part } : part);
  }

  private addTranscript(part: TranscriptPart) {
    const lines = (this.transcripts ?? this.from.transcripts).get(part.recording) ?? [];
    if (lines.some((line) => line.from === part.from && line.speaker?.id === part.speaker?.id)) return;
    this.transcripts ??= new Map(this.from.transcripts);
    this.transcripts.set(
      part.recording,
      inOrder(lines, part, (line) => line.from),
    );
  }

  private addShown(part: ShownPart) {
    const key = partKey(part);
    const known = (this.byKey ?? this.from.byKey).get(key);
    const time = this.timeOf(part, known);
    this.lastTime = time;
    this.keepHandles(key, part, known !== undefined);
    if (known && sameContent(known.part, part)) return;
    const entry: Entry = { key, time, order: known?.order ?? this.arrived, part };
    this.byKey ??= new Map(this.from.byKey);
    this.byKey.set(key, entry);
    this.entries ??= this.from.entries.slice();
    if (known) this.entries.splice(this.entries.indexOf(known), 1);
    else if (part.type === "message") this.messages++;
    this.entries.splice(placeOf(this.entries, entry), 0, entry);
  }

  private timeOf(part: ShownPart, known: Entry | undefined): number {
    const at = "at" in part && part.at ? Date.parse(part.at) : Number.NaN;
    return Number.isNaN(at) ? (known?.time ?? this.lastTime) : at;
  }

  private keepHandles(key: string, part: ShownPart, again: boolean) {
    if (!again) return;
    for (const [thing, handle] of handlesOf(key, part)) {
      this.handles ??= new Map(this.from.handles);
      this.handles.set(thing, handle);
    }
  }
}

function handlesOf(key: string, part: ShownPart): [string, string][] {
  if (part.type === "recording") return part.handle ? [[key, part.handle]] : [];
  if (part.type !== "message") return [];
  return (part.attachments ?? []).flatMap((file): [string, string][] =>
    file.handle ? [[attachmentKey(key, file), file.handle]] : [],
  );
}

export function attachmentKey(message: string, file: Attachment): string {
  return `${message}/${file.id}`;
}

export function partKey(part: ShownPart): string {
  const link = part.link ?? "";
  if (part.type === "missing") return missingKey(part, link);
  return `${part.type}:${link}:${part.id}`;
}

/** Equal ones are one; two calls without a recording are told apart by the call's id. */
function missingKey(part: MissingPart, link: string): string {
  return ["missing", link, part.what, part.reason, ...(part.of ? [part.of] : [])].join(":");
}

function personKey(link: string | undefined, id: string): string {
  return `${link ?? ""}:${id}`;
}

/** placeOf is the index after the last entry that comes before; nearly always the end. */
function placeOf(entries: readonly Entry[], entry: Entry): number {
  let low = 0;
  let high = entries.length;
  if (high === 0 || !before(entry, entries[high - 1] as Entry)) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(entry, entries[middle] as Entry)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function before(a: Entry, b: Entry): boolean {
  return a.time === b.time ? a.order < b.order : a.time < b.time;
}

function inOrder<T>(list: readonly T[], item: T, key: (item: T) => number): readonly T[] {
  let at = list.length;
  while (at > 0 && key(list[at - 1] as T) > key(item)) at--;
  return [...list.slice(0, at), item, ...list.slice(at)];
}

const handleInHTML = /\/api\/v1\/media\/[\w.~-]+/g;

/** sameContent ignores handles: they are sealed anew at every open and say nothing. */
function sameContent(a: ContentPart, b: ContentPart): boolean {
  return fingerprint(a) === fingerprint(b);
}

function fingerprint(part: ContentPart): string {
  return JSON.stringify(part, (key, value: unknown) => {
    if (key === "handle") return undefined;
    return key === "html" && typeof value === "string" ? value.replace(handleInHTML, "") : value;
  });
}

/** A person as far as known: from the part that names them, else from a person part. */
export type Known = { id: string | undefined; name: string | undefined; role: Role };

export function knownAs(who: Who | null | undefined, person: PersonPart | undefined): Known {
  return {
    id: who?.id ?? undefined,
    name: person?.name || who?.name || undefined,
    role: knownRole(person?.role) ?? knownRole(who?.role) ?? "unknown",
  };
}

function knownRole(role: Role | undefined): Role | undefined {
  return role === "unknown" ? undefined : role;
}

export function personOf(
  thread: Pick<Thread, "people">,
  who: Who | null | undefined,
  link?: string,
): PersonPart | undefined {
  if (!who?.id) return undefined;
  return thread.people.get(personKey(link, who.id)) ?? thread.people.get(personKey(undefined, who.id));
}

export function isMessage(part: ShownPart): part is MessagePart {
  return part.type === "message";
}
