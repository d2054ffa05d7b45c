// Where the rows of the feed stand, read from the document.

const drawn = "[role=feed] [data-index]";

export function rowAt(box: HTMLElement | null, index: number): HTMLElement | null {
  return box?.querySelector<HTMLElement>(`[role=feed] [data-index="${index}"]`) ?? null;
}

/** Whether any of the row can be seen. */
export function isInside(row: HTMLElement, box: HTMLElement | null): boolean {
  if (!box) return false;
  const at = offsetOf(row, box);
  return at < box.scrollTop + box.clientHeight && at + row.offsetHeight > box.scrollTop;
}

/** The row's place in the content; scrolling does not change it. */
export function offsetOf(row: HTMLElement, box: HTMLElement | null): number {
  if (!box) return 0;
  return row.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
}

/** The first row that can be seen. */
export function firstRow(box: HTMLElement | null): HTMLElement | undefined {
  if (!box) return undefined;
  const top = box.getBoundingClientRect().top;
  const rows = box.querySelectorAll<HTMLElement>(drawn);
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as HTMLElement).getBoundingClientRect().bottom > top + 1) high = middle;
    else low = middle + 1;
  }
  return rows[low];
}

/** Whoever has gone to a row by key or link reads there, not at the top of the pane. */
export function focusedRow(box: HTMLElement | null): HTMLElement | undefined {
  const row = document.activeElement?.closest<HTMLElement>(drawn);
  return row && box?.contains(row) && isInside(row, box) ? row : undefined;
}
