import type { components } from "../../api/schema.gen";

type Schemas = components["schemas"];

export type HeaderPart = Schemas["HeaderPart"];
export type PersonPart = Schemas["PersonPart"];
export type MessagePart = Schemas["MessagePart"];
export type EventPart = Schemas["EventPart"];
export type RecordingPart = Schemas["RecordingPart"];
export type TranscriptPart = Schemas["TranscriptPart"];
export type MissingPart = Schemas["MissingPart"];
export type WaitPart = Schemas["WaitPart"];
export type ProblemPart = Schemas["ProblemPart"];
export type EndPart = Schemas["EndPart"];
export type Attachment = Schemas["Attachment"];
export type Who = Schemas["Who"];
export type Role = Schemas["PersonRole"];
export type Ref = Schemas["Ref"];

/** A part of a type that this page does not know; shown in one line when it says anything. */
export type OtherPart = { type: "other"; native: string; id: string; at?: string; text?: string; link?: string };

export type ContentPart =
  | HeaderPart
  | PersonPart
  | MessagePart
  | EventPart
  | RecordingPart
  | TranscriptPart
  | MissingPart
  | WaitPart
  | OtherPart;

/** The last line of a stream. One without it was cut. */
export type LastPart = EndPart | ProblemPart;
export type Part = ContentPart | LastPart;

/** What has a row of its own in the thread. */
export type ShownPart = MessagePart | EventPart | RecordingPart | MissingPart | OtherPart;

const needs: Record<string, readonly string[]> = {
  header: ["ref"],
  person: ["id"],
  message: ["id"],
  event: ["id"],
  recording: ["id"],
  transcript: ["recording"],
  missing: ["what"],
  wait: ["for"],
  problem: ["code"],
  end: [],
};

/**
 * asPart narrows one decoded line. The contract lets a newer gateway send types and fields that we
 * do not know: unknown fields are ignored, unknown types become an OtherPart, anything that is
 * not a part at all is undefined.
 */
export function asPart(value: unknown): Part | undefined {
  if (!isRecord(value) || typeof value.type !== "string") return undefined;
  const keys = Object.hasOwn(needs, value.type) ? needs[value.type] : undefined;
  if (!keys) return asOther(value, value.type);
  return keys.every((key) => value[key] !== undefined && value[key] !== null) ? (value as Part) : undefined;
}

function asOther(value: Record<string, unknown>, native: string): OtherPart {
  const id = text(value.id) ?? JSON.stringify(value);
  return {
    type: "other",
    native,
    id,
    at: text(value.at),
    text: text(value.text) ?? text(value.say),
    link: text(value.link),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
