import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { safeHref } from "./linkify";
import styles from "./Message.module.css";
import { useRemembered, useThreadTools } from "./ThreadContext";

// Mail is written for a white sheet, in both themes. Its own styles come after and win; but a table of
// 600 pixels, as newsletters have, is made to fit a narrow column (WCAG 1.4.10).
const sheet = `
:root{color-scheme:light;overflow:auto hidden}
html,body{height:auto!important;min-height:0!important}
body{margin:0;padding:10px 14px;font:14px/21px "IBM Plex Sans Variable","IBM Plex Sans",system-ui,sans-serif;color:#1b1f23;background:#fff;overflow-wrap:break-word}
body>:first-child,body>:first-child>:first-child{margin-top:0}
body>:last-child,body>:last-child>:last-child{margin-bottom:0}
img{max-width:100%;height:auto}
@media (max-width:640px){table,td,th,div,p{max-width:100%!important;min-width:0!important}table,td,th{width:auto!important}}
a{color:#0e6470}
::highlight(sg-hit){background:#f2e2b4;color:#1b1f23}
::highlight(sg-hit-now){background:#8a6413;color:#fff}
`;

const firstHeight = 120;
/** A mail whose height follows its frame's would grow for ever. */
const maxGrowths = 30;
const maxHeight = 20_000;

type Props = { html: string; name: string; memoryKey: string };

/**
 * MailFrame shows formatted mail in a frame that can run no script, load nothing from elsewhere and
 * not leave (recipes: two walls, the sandbox and the frame's own policy, behind the gateway's
 * cleaning). The page writes into it, measures it and handles its clicks. It exists only near the
 * screen; a box of the same height stands for it elsewhere.
 */
export function MailFrame({ html, name, memoryKey }: Props) {
  const { t } = useTranslation("conversation");
  const [height, setHeight] = useRemembered(`${memoryKey}#height`, firstHeight);
  const box = useRef<HTMLDivElement>(null);
  const near = useNear(box);
  return (
    <div ref={box} className={styles.sheet} style={{ height }}>
      {near && <Frame html={html} title={t("mailOf", { name })} onHeight={setHeight} />}
    </div>
  );
}

type FrameProps = { html: string; title: string; onHeight: (pixels: number) => void };

function Frame({ html, title, onHeight }: FrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const stop = useRef<() => void>(undefined);
  const { framed } = useThreadTools();
  useEffect(() => () => stop.current?.(), []);
  const fill = () => {
    const inside = frame.current?.contentDocument;
    if (!frame.current || !inside?.body) return;
    stop.current?.();
    write(inside, html);
    const stops = [measure(inside, onHeight), handle(inside, frame.current)];
    stop.current = () => stops.forEach((end) => void end());
    framed();
  };
  return (
    <iframe ref={frame} className={styles.frame} sandbox="allow-same-origin" src="/frame" title={title} onLoad={fill} />
  );
}

/** Parsed in the frame's document, under the frame's policy: nothing in it can run or load. */
function write(inside: Document, html: string) {
  inside.body.innerHTML = html;
  const style = inside.createElement("style");
  style.textContent = sheet;
  inside.head.replaceChildren(style);
}

function measure(inside: Document, onHeight: (pixels: number) => void): () => void {
  let growths = 0;
  let last = 0;
  const observer = new ResizeObserver(() => {
    const wide = inside.documentElement.scrollWidth > inside.documentElement.clientWidth;
    const height = Math.min(maxHeight, Math.ceil(inside.body.getBoundingClientRect().height) + (wide ? 16 : 0));
    if (height === last || (height > last && ++growths > maxGrowths)) return;
    last = height;
    onHeight(height);
  });
  observer.observe(inside.body);
  return () => observer.disconnect();
}

/** Links open from the page, without opener and referrer; keys that the mail does not use go to the page. */
function handle(inside: Document, frame: HTMLIFrameElement): () => void {
  const click = (event: Event) => {
    const link = (event.target as Element | null)?.closest?.("a[href], area[href]");
    if (!link) return;
    event.preventDefault();
    const href = safeHref(link.getAttribute("href"));
    if (href) window.open(href, "_blank", "noopener,noreferrer");
  };
  const key = (event: KeyboardEvent) => {
    const { key, code, shiftKey, ctrlKey, metaKey, altKey } = event;
    const again = new KeyboardEvent("keydown", {
      key,
      code,
      shiftKey,
      ctrlKey,
      metaKey,
      altKey,
      bubbles: true,
      cancelable: true,
    });
    if (!frame.dispatchEvent(again)) event.preventDefault();
  };
  inside.addEventListener("click", click);
  inside.addEventListener("auxclick", click);
  inside.addEventListener("keydown", key);
  return () => {
    inside.removeEventListener("click", click);
    inside.removeEventListener("auxclick", click);
    inside.removeEventListener("keydown", key);
  };
}

function useNear(box: React.RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (!box.current) return;
    // A busy page is told of several changes at once, the latest last.
    const observer = new IntersectionObserver((changes) => setNear(changes.at(-1)?.isIntersecting ?? false), {
      rootMargin: "400px 0px",
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [box]);
  return near;
}
