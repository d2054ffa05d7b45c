import { useThreadTools } from "./ThreadContext";

/** A time of day in the viewer's zone; the date, the zone and UTC are its title. */
export function Moment({ time, seconds = false, className }: { time: number; seconds?: boolean; className?: string }) {
  const { clock } = useThreadTools();
  if (!Number.isFinite(time)) return null;
  const date = new Date(time);
  return (
    <time className={className} dateTime={date.toISOString()} title={clock.full(date)}>
      {seconds ? clock.second(date) : clock.minute(date)}
    </time>
  );
}
