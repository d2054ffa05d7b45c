import { act, renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { message } from "./fixtures";
import type { Thread } from "./thread";
import { type Find, useFind } from "./useFind";

it("goes to the first hit when Enter comes before the search that is put off has run", () => {
  const parts = [message("1"), message("2", { text: "the hose leaks" }), message("3", { text: "another hose" })];
  const thread = {
    entries: parts.map((part) => ({ key: `message::${part.id}`, part })),
    transcripts: new Map(),
  } as unknown as Thread;
  const renders: Find[] = [];
  const { result } = renderHook(() => {
    const find = useFind(thread);
    renders.push(find);
    return find;
  });
  act(() => result.current.show());
  act(() => result.current.setWords("hose"));
  const early = renders.find((find) => find.words === "hose");
  expect(early?.hits, "hits when the words have just been typed").toEqual([]);
  let gone: ReturnType<Find["go"]>;
  act(() => {
    gone = early?.go(1, 0);
  });
  expect(gone).toEqual({ row: 1, nth: 0 });
  expect(result.current).toMatchObject({ at: 0, hits: [{ row: 1 }, { row: 2 }] });
});
