import type { ReactNode } from "react";
import styles from "./Page.module.css";
import { useTitle } from "./useTitle";

interface Props {
  title: string;
  /** One sentence under the title: what this page is for. */
  say?: ReactNode;
  /** At the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the shell: its title, what it is for, its content. The conversation has a frame of its own. */
export function Page({ title, say, actions, children }: Props) {
  useTitle(title);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>{title}</h1>
        {actions && <div className={styles.actions}>{actions}</div>}
        {say && <p className={styles.say}>{say}</p>}
      </header>
      {children}
    </div>
  );
}

/** Lines as tall as text while something is on its way; nothing moves when it comes. */
export function Skeleton({ lines, label }: { lines: number; label: string }) {
  const widths = ["62%", "88%", "74%", "91%", "56%", "80%"];
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {widths.slice(0, lines).map((width) => (
        <span key={width} style={{ width }} />
      ))}
    </div>
  );
}
