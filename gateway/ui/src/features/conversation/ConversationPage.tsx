import "./highlight.css";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { useOffer } from "../../components/listening";
import { useTitle } from "../../components/useTitle";
import { Arriving } from "./Arriving";
import styles from "./ConversationPage.module.css";
import { useCalls } from "./calls";
import { Facts } from "./Facts";
import { FindBar } from "./FindBar";
import { Glass } from "./Glass";
import { light, unlight } from "./highlight";
import { Receipt, ShortReceipt } from "./Receipt";
import { ThreadContext, type ThreadTools } from "./ThreadContext";
import { Timeline } from "./Timeline";
import { clock } from "./times";
import { useCursor } from "./useCursor";
import { useFind } from "./useFind";
import { useInteraction } from "./useInteraction";
import { useThreadScroll } from "./useThreadScroll";

export type ConversationProps = {
  link: string;
  kind: string;
  id: string;
  message?: string | undefined;
  /** The recording of a deep link. */
  recording?: string | undefined;
  reason?: string;
  /** Leads to the start page, where another interaction can be opened. */
  onStart?: (() => void) | undefined;
  /** The player, below everything; it shows itself when there is something to hear. */
  dock?: ReactNode;
};

/** One interaction, live from its provider. Another one is another page: nothing passes from one to the next. */
export function ConversationPage(props: ConversationProps) {
  const { link, kind, id } = props;
  useTitle(`${link} ${kind} ${id}`);
  return <Conversation key={`${link}/${kind}/${id}`} {...props} />;
}

function Conversation({ link, kind, id, message, recording, reason, onStart, dock }: ConversationProps) {
  const { t } = useTranslation("conversation");
  const live = useInteraction({ link, kind, id, reason });
  const { thread, progress, bytes } = live;
  const complete = progress.state === "ended";
  const name = [link, t(`kind.${kind}`, { defaultValue: kind }), id].join(" ");
  const nothing = progress.state === "problem" && thread.entries.length === 0;
  const bare = progress.state === "problem" && !thread.header; // no facts and nothing kept to show
  const scroll = useThreadScroll(thread.entries);
  const find = useFind(thread);
  const calls = useCalls(thread);
  useOffer(calls, live.tryAgain);
  const cursor = useCursor({ thread, scroll, find, message, recording, calls: calls.length > 0 });
  const [, setFrames] = useState(0); // a frame that was filled has words of its own to light
  const [factsShown, setFactsShown] = useState(false);
  const pane = useId();
  const [copied, setCopied] = useState<boolean>();
  const tools = useTools(live, { link, kind, id }, () => setFrames((count) => count + 1), setCopied);
  useLight(scroll.scroller, find);

  return (
    <ThreadContext value={tools}>
      <div className={styles.page} data-state={progress.state}>
        <div className={styles.grid} data-facts={(factsShown && !bare) || undefined}>
          <Head live={live} name={name}>
            {!nothing && (
              <Button kind="bare" aria-label={t("find.open")} title={t("find.open")} onClick={find.show}>
                <IconSearch size={16} stroke={1.5} aria-hidden />
              </Button>
            )}
            {!bare && (
              <Button
                className={styles.factsButton}
                aria-expanded={factsShown}
                onClick={() => setFactsShown(!factsShown)}
              >
                {t(factsShown ? "facts.hide" : "facts.show")}
              </Button>
            )}
          </Head>
          <div className={styles.thread} id={pane}>
            <Glass thread={thread} scroll={scroll} bytes={bytes} complete={complete} hits={find.hits} controls={pane} />
            {find.open && <FindBar find={find} onGo={cursor.goToHit} onClose={cursor.closeFind} />}
            <Late scroll={scroll} onShow={cursor.showLate} />
            <Timeline
              thread={thread}
              scroll={scroll}
              complete={complete}
              cursor={cursor.key}
              linkedKey={cursor.linkedKey}
              hit={find.current}
              onCursor={cursor.set}
              onStep={cursor.step}
            >
              {cursor.notThere && <NotThere id={cursor.notThere} complete={complete || progress.state === "problem"} />}
              <Arriving live={live} name={name} onStart={onStart} />
            </Timeline>
          </div>
          <output className="visually-hidden">{copied === undefined ? "" : t(copied ? "copied" : "notCopied")}</output>
          {!bare && (
            <aside className={styles.rail} aria-label={t("facts.title")}>
              <Receipt interaction={live} />
              <Facts thread={thread} />
            </aside>
          )}
          <div className={styles.dock}>{dock}</div>
        </div>
      </div>
    </ThreadContext>
  );
}

type Ref = { link: string; kind: string; id: string };

function useTools(
  live: ReturnType<typeof useInteraction>,
  { link, kind, id }: Ref,
  framed: () => void,
  onCopied: (done: boolean | undefined) => void,
): ThreadTools {
  const { t } = useTranslation("conversation");
  const { header, handles } = live.thread;
  const provider = header ? t(`provider.${header.provider}`, { defaultValue: capital(header.provider) }) : "";
  const memory = useRef(new Map<string, unknown>()).current;
  const shown = useRef(framed);
  shown.current = framed;
  return useMemo(
    () => ({
      clock: clock(),
      provider,
      handles,
      memory,
      renew: live.tryAgain,
      copyLink: async (messageId) => {
        onCopied(undefined);
        const done = await copy(linkTo({ link, kind, id }, messageId));
        onCopied(done);
        return done;
      },
      framed: () => shown.current(),
    }),
    [provider, handles, memory, live.tryAgain, link, kind, id, onCopied],
  );
}

/** A deep link holds refs and ids only; whoever follows it needs the right to read what it names. */
export function linkTo({ link, kind, id }: Ref, messageId?: string): string {
  const path = `/i/${encodeURIComponent(link)}/${encodeURIComponent(kind)}/${encodeURIComponent(id)}`;
  return `${location.origin}${path}${messageId ? `?m=${encodeURIComponent(messageId)}` : ""}`;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function Head({
  live,
  name,
  children,
}: {
  live: ReturnType<typeof useInteraction>;
  name: string;
  children: ReactNode;
}) {
  const { t } = useTranslation("conversation");
  const { header } = live.thread;
  const failed = !header && live.progress.state === "problem";
  const facts = [header?.channel, header?.status].filter(Boolean);
  return (
    <header className={styles.head}>
      <div className={styles.headline}>
        <h1 className={styles.subject} dir="auto">
          {header ? header.subject || t("noSubject") : <Unknown name={name} coming={!failed} />}
        </h1>
        <p className={styles.ref}>
          {!failed && name}
          {facts.length > 0 && <span className={styles.extra}> · {facts.join(" · ")}</span>}
        </p>
        <p className={styles.short}>
          <ShortReceipt interaction={live} />
        </p>
      </div>
      <div className={styles.tools}>{children}</div>
    </header>
  );
}

/** The subject while it is on its way; the ref when it will not come. */
function Unknown({ name, coming }: { name: string; coming: boolean }) {
  if (!coming) return name;
  return (
    <>
      <span className="visually-hidden">{name}</span>
      <span className={styles.unknown} />
    </>
  );
}

function Late({ scroll, onShow }: { scroll: ReturnType<typeof useThreadScroll>; onShow: () => void }) {
  const { t } = useTranslation("conversation");
  if (!scroll.late) return null;
  return (
    <Button className={styles.late} onClick={onShow}>
      {t("late", { count: scroll.late.count })}
    </Button>
  );
}

function NotThere({ id, complete }: { id: string; complete: boolean }) {
  const { t } = useTranslation("conversation");
  return <p className={styles.notThere}>{t(complete ? "notThere" : "notArrived", { id })}</p>;
}

/** After every draw while something is searched: rows come and go as one scrolls. */
function useLight(root: React.RefObject<HTMLElement | null>, find: ReturnType<typeof useFind>) {
  const lit = useRef(false);
  useLayoutEffect(() => {
    if (!root.current || (!find.open && !lit.current)) return;
    lit.current = find.open;
    light(root.current, find.open ? find.words : "", find.current);
  });
  // What is lit holds the rows it stands in: nothing of them may outlive the page.
  useEffect(() => unlight, []);
}
