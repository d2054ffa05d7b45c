import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { ProblemNote } from "../../components/ProblemNote";
import styles from "./PasteBox.module.css";
import { type Ref, type Resolved, refName, resolve } from "./resolve";

interface Props {
  /** "page": large, with what went wrong beneath it. "bar": in the top bar, with an overlay beneath it. */
  place: "page" | "bar";
}

/** Takes a link or an id from anywhere and goes there. Nothing of it enters the address, the history or the title. */
export function PasteBox({ place }: Props) {
  const { t } = useTranslation("open");
  const id = useId();
  const [text, setText] = useState("");
  const box = usePaste(() => setText(""));
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (place === "page") input.current?.focus();
  }, [place]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> would not carry the submit handler
    <form
      role="search"
      className={place === "page" ? styles.page : styles.bar}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) void box.open(text);
        else input.current?.focus();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && box.answer) {
          event.stopPropagation();
          box.clear();
          input.current?.focus();
        }
      }}
    >
      <label htmlFor={id} className={place === "page" ? styles.label : "visually-hidden"}>
        {t("paste")}
      </label>
      <div className={styles.line}>
        <input
          ref={input}
          id={id}
          className={styles.input}
          value={text}
          maxLength={2000}
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="go"
          placeholder={place === "bar" ? t("paste") : undefined}
          aria-invalid={box.answer?.state === "refused" || undefined}
          aria-describedby={box.answer ? `${id}-answer` : undefined}
          onChange={(event) => {
            setText(event.currentTarget.value);
            box.clear();
          }}
        />
        <Button type="submit" kind={place === "page" ? "primary" : "plain"} disabled={box.asking}>
          {t("open")}
        </Button>
      </div>
      <div id={`${id}-answer`} className={box.answer ? styles.answer : undefined} aria-live="polite">
        {box.answer?.state === "refused" && <ProblemNote problem={box.answer.problem} />}
        {box.answer?.state === "several" && <Candidates candidates={box.answer.candidates} onChoose={box.go} />}
      </div>
    </form>
  );
}

function Candidates({ candidates, onChoose }: { candidates: readonly Ref[]; onChoose: (ref: Ref) => void }) {
  const { t } = useTranslation("open");
  return (
    <>
      <p>{t("several", { count: candidates.length })}</p>
      <ul className={styles.candidates}>
        {candidates.map((ref) => (
          <li key={refName(ref)}>
            <Button onClick={() => onChoose(ref)}>
              <code>{refName(ref)}</code>
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

function usePaste(onLeave: () => void) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [answer, setAnswer] = useState<Exclude<Resolved, { state: "one" }>>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const go = (ref: Ref) => {
    setAnswer(undefined);
    onLeave();
    // How one came here is part of the entry's state, not of its address: a copied address says "link".
    void navigate({
      to: "/i/$link/$kind/$id",
      params: { link: ref.link, kind: ref.kind, id: ref.id },
      state: { reason: "pasted" },
    });
  };
  const open = async (text: string) => {
    abort.current?.abort();
    const mine = new AbortController();
    abort.current = mine;
    setAsking(true);
    try {
      const found = await resolve(text, mine.signal);
      if (mine.signal.aborted) return;
      if (found.state === "one") go(found.ref);
      else setAnswer(found);
    } catch {
      // aborted: a newer question was asked, or the page was left
    } finally {
      if (abort.current === mine) setAsking(false);
    }
  };
  const clear = () => {
    abort.current?.abort();
    setAsking(false);
    setAnswer(undefined);
  };
  return { asking, answer, open, go, clear };
}
