// What the processes of a browser hold open for writing, from /proc.
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from "node:fs";

/** The process and all that descend from it. */
export function familyOf(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // it has ended meanwhile
    }
  }
  const family = new Set([pid]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [child, parent] of parents) {
      if (family.has(parent) && !family.has(child)) {
        family.add(child);
        grown = true;
      }
    }
  }
  return [...family];
}

/**
 * The files that these processes may write: [{name, where, link}], where is "disk" or "memory" (memfd, /dev/shm:
 * what processes of a browser share; it is no file of any folder that outlives them).
 */
export function writableFiles(pids) {
  const found = new Map();
  for (const pid of pids) {
    let numbers = [];
    try {
      numbers = readdirSync(`/proc/${pid}/fd`);
    } catch {
      continue; // it has ended
    }
    for (const fd of numbers) {
      const link = `/proc/${pid}/fd/${fd}`;
      try {
        const stat = statSync(link);
        const flags = Number.parseInt(/^flags:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"))[1], 8);
        if (!stat.isFile() || (flags & 3) === 0) continue;
        const name = readlinkSync(link);
        const where = name.startsWith("/memfd:") || name.startsWith("/dev/shm/") ? "memory" : "disk";
        found.set(`${stat.dev}:${stat.ino}`, { name, where, link });
      } catch {
        // closed meanwhile
      }
    }
  }
  return [...found.values()];
}

/** Whether a file holds one of these pieces. */
export function holdsAny({ link }, pieces) {
  let file;
  try {
    file = openSync(link, "r");
  } catch {
    return false; // closed meanwhile
  }
  try {
    const longest = Math.max(...pieces.map((piece) => piece.length));
    const room = Buffer.alloc(1 << 20);
    let kept = 0;
    for (let at = 0; ; ) {
      const count = readSync(file, room, kept, room.length - kept, at);
      if (count === 0) return false;
      at += count;
      const there = room.subarray(0, kept + count);
      if (pieces.some((piece) => there.includes(piece))) return true;
      kept = Math.min(longest - 1, there.length);
      there.copyWithin(0, there.length - kept);
    }
  } catch {
    return false; // not readable: a pipe in disguise
  } finally {
    closeSync(file);
  }
}
