import { IconChevronDown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../api/useSession";
import { Button } from "../../components/Button";
import { Menu } from "../../components/Menu";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./DemoBar.module.css";
import { type Break, type Demo, type Role, useBreak, useLookAs } from "./useDemo";

interface Props {
  demo: Demo;
  session: Session | null;
}

/** The demo's own bar: another person's eyes, and faults on demand. Plain on purpose; it is no part of the product. */
export function DemoBar({ demo, session }: Props) {
  const { t } = useTranslation("demo");
  const lookAs = useLookAs();
  const broken = useBreak();
  const problem = lookAs.error ?? broken.error;
  const on = demo.breaks.filter((b) => b.on);
  // Some faults happen once and leave nothing to mend: say that they happened.
  const last = broken.isSuccess && !broken.variables.undo ? broken.variables.id : undefined;
  const done = demo.breaks.find((b) => b.id === last);
  return (
    <section className={styles.bar} aria-label={t("bar")}>
      <p className={styles.say}>
        <strong>{t("demo")}</strong> <span className={styles.long}>{t("say")}</span>
      </p>
      {session && demo.look_as.length > 1 && (
        <LookAs
          roles={demo.look_as}
          session={session}
          next={lookAs.isPending ? lookAs.variables : undefined}
          onChoose={(r) => lookAs.mutate(r)}
        />
      )}
      <p role="status" className={styles.broken}>
        {on.length > 0 && (
          <>
            {t("broken", { count: on.length })}
            <span className={styles.long}>: {on.map((b) => b.title).join(", ")}</span>
          </>
        )}
        {on.length === 0 && done && t("done", { title: done.title })}
      </p>
      <BreakMenu breaks={demo.breaks} onToggle={(b) => broken.mutate({ id: b.id, undo: b.on })} />
      {problem && (
        <div className={styles.problem}>
          <ProblemNote problem={problem} />
        </div>
      )}
    </section>
  );
}

function LookAs(props: {
  roles: readonly Role[];
  session: Session;
  next: Role | undefined;
  onChoose: (role: Role) => void;
}) {
  const { t } = useTranslation("demo");
  const { roles, session, next, onChoose } = props;
  return (
    <fieldset className={styles.lookAs}>
      <legend>{t("lookAs")}</legend>
      {roles.map((role) => (
        <label key={role}>
          <input
            type="radio"
            name="look-as"
            value={role}
            checked={next ? role === next : session.roles.includes(role)}
            onChange={() => onChoose(role)}
          />
          {t(`role.${role}`)}
        </label>
      ))}
    </fieldset>
  );
}

function BreakMenu({ breaks, onToggle }: { breaks: readonly Break[]; onToggle: (b: Break) => void }) {
  const { t } = useTranslation("demo");
  return (
    <Menu
      label={t("break")}
      wide
      head={<p className={styles.head}>{t("breakSay")}</p>}
      trigger={
        <Button className={styles.trigger}>
          {t("break")} <IconChevronDown size={16} stroke={1.5} aria-hidden="true" />
        </Button>
      }
      groups={[
        {
          entries: breaks.map((b) => ({ id: b.id, title: b.title, say: b.say, on: b.on, run: () => onToggle(b) })),
        },
      ]}
    />
  );
}
