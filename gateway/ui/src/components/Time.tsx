interface Props {
  /** RFC 3339, as the contract has it. */
  at: string;
  /** "clock": only the time of day. "day": only the date. */
  show?: "full" | "clock" | "day";
}

/** A moment in the viewer's zone; the zone and the moment in UTC on hover. */
export function Time({ at, show = "full" }: Props) {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return <time>{at}</time>;
  return (
    <time dateTime={at} title={hover(moment)}>
      {shown(moment, show)}
    </time>
  );
}

function shown(moment: Date, show: "full" | "clock" | "day"): string {
  const day = moment.toLocaleDateString(undefined, { year: "numeric", month: "2-digit", day: "2-digit" });
  const clock = moment.toLocaleTimeString(undefined, { hourCycle: "h23" });
  if (show === "clock") return clock;
  if (show === "day") return day;
  return `${day} ${clock}`;
}

function hover(moment: Date): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `${zone} · UTC ${moment.toISOString().replace("T", " ").replace("Z", "")}`;
}
