import { IconExternalLink } from "@tabler/icons-react";
import { Fragment, memo, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Facts.module.css";
import { safeHref } from "./linkify";
import { Moment } from "./Moment";
import type { HeaderPart, MissingPart, PersonPart } from "./parts";
import { useThreadTools } from "./ThreadContext";
import { type Known, knownAs, personOf, type Thread } from "./thread";
import { length } from "./times";

/** What the provider says about the interaction as a whole. Only what is known has a line. */
export const Facts = memo(function Facts({ thread }: { thread: Thread }) {
  const { t } = useTranslation("conversation");
  const { header } = thread;
  const rows = useFactRows(thread);
  if (!header) return null;
  return (
    <>
      <State header={header} />
      <List rows={rows} title={t("facts.title")} />
      <Fields header={header} />
      <People people={[...thread.people.values()]} />
      <NotToBeHad thread={thread} />
      <AtProvider header={header} />
    </>
  );
});

/** On narrow screens the heading has room for about this many characters; a longer subject is whole here. */
const maxHeading = 70;

type FactRow = { name: string; value: ReactNode };

function useFactRows(thread: Thread): FactRow[] {
  const { t } = useTranslation("conversation");
  const who = (known: Known) => (known.name ? <bdi key={known.id}>{known.name}</bdi> : (known.id ?? ""));
  const { header } = thread;
  if (!header) return [];
  const { agent, requester, csat, tags } = header;
  const rows: [string, ReactNode][] = [
    ["subject", header.subject && header.subject.length > maxHeading ? header.subject : undefined],
    ["status", header.status],
    ["channel", header.channel],
    ["requester", requester && who(knownAs(requester, personOf(thread, requester)))],
    ["agent", agent && who(knownAs(agent, personOf(thread, agent)))],
    ["group", header.group],
    ["brand", header.brand],
    ["direction", header.direction],
    ["length", header.seconds === undefined ? undefined : length(header.seconds)],
    ["created", header.created_at && <DateTime key="created" at={header.created_at} />],
    ["updated", header.updated_at && <DateTime key="updated" at={header.updated_at} />],
    ["rating", csat && <Rating key="rating" score={csat.score} comment={csat.comment} />],
    ["tags", tags && tags.length > 0 ? <Tags key="tags" tags={tags} /> : undefined],
  ];
  return rows.filter(([, value]) => value).map(([name, value]) => ({ name: t(`facts.${name}`), value }));
}

function List({ rows, title }: { rows: readonly FactRow[]; title: string }) {
  if (rows.length === 0) return null;
  return (
    <section className={styles.section} aria-label={title}>
      <dl className={styles.list}>
        {rows.map(({ name, value }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two fields may have the same name
          <Fragment key={i}>
            <dt>{name}</dt>
            <dd dir="auto">{value}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}

function Fields({ header }: { header: HeaderPart }) {
  const { t } = useTranslation("conversation");
  return <List rows={(header.fields ?? []).filter((field) => field.value !== "")} title={t("facts.fields")} />;
}

function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <ul className={styles.tags}>
      {tags.map((tag) => (
        <li key={tag}>{tag}</li>
      ))}
    </ul>
  );
}

function Rating({ score, comment }: { score: string; comment: string | undefined }) {
  return (
    <>
      {score}
      {comment && (
        <q className={styles.comment} dir="auto">
          {comment}
        </q>
      )}
    </>
  );
}

function DateTime({ at }: { at: string }) {
  const { clock } = useThreadTools();
  const time = Date.parse(at);
  if (Number.isNaN(time)) return null;
  return (
    <span className={styles.date}>
      {clock.date(new Date(time))} <Moment time={time} />
    </span>
  );
}

const peopleAtOnce = 8;

function People({ people }: { people: readonly PersonPart[] }) {
  const { t } = useTranslation("conversation");
  const [all, setAll] = useState(false);
  const named = people.filter((person) => person.name);
  const shown = all || named.length <= peopleAtOnce + 1 ? named : named.slice(0, peopleAtOnce);
  if (named.length === 0) return null;
  return (
    <section className={styles.section} aria-label={t("facts.people")}>
      <h2 className={styles.title}>{t("facts.people")}</h2>
      <ul className={styles.people}>
        {shown.map((person) => (
          <li key={`${person.link ?? ""} ${person.id}`} data-kind={person.role}>
            <bdi>{person.name}</bdi> <span>{t(`role.${person.role}`, { defaultValue: person.role })}</span>
          </li>
        ))}
      </ul>
      {shown.length < named.length && (
        <button type="button" className={styles.all} onClick={() => setAll(true)}>
          {t("facts.allPeople", { count: named.length })}
        </button>
      )}
    </section>
  );
}

function NotToBeHad({ thread }: { thread: Thread }) {
  const { t } = useTranslation("conversation");
  const missing = new Map<string, MissingPart>(); // of several calls, each thing once
  for (const { part } of thread.entries) if (part.type === "missing") missing.set(`${part.what} ${part.reason}`, part);
  if (missing.size === 0) return null;
  return (
    <section className={styles.section} aria-label={t("facts.missing")}>
      <h2 className={styles.title}>{t("facts.missing")}</h2>
      <ul className={styles.people}>
        {[...missing].map(([key, part]) => (
          <li key={key}>
            {part.what.replaceAll("_", " ")} <span>{t(`missing.${part.reason}`, { defaultValue: part.reason })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function State({ header }: { header: HeaderPart }) {
  const { t } = useTranslation("conversation");
  const { provider } = useThreadTools();
  const said = [
    header.state && t(`facts.state.${header.state}`, { provider }),
    header.merged_into && t("facts.mergedInto", { id: header.merged_into }),
    header.truncated && t("facts.truncated", { provider }),
  ].filter(Boolean);
  return said.length > 0 && <p className={styles.state}>{said.join(". ")}</p>;
}

function AtProvider({ header }: { header: HeaderPart }) {
  const { t } = useTranslation("conversation");
  const { provider } = useThreadTools();
  const href = safeHref(header.provider_url);
  if (!href) return null;
  return (
    <a className={styles.outside} href={href} target="_blank" rel="noopener noreferrer" referrerPolicy="no-referrer">
      <IconExternalLink size={16} stroke={1.5} aria-hidden />
      {t("facts.openAt", { provider })}
    </a>
  );
}
