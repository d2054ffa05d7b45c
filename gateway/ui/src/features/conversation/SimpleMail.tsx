import { createElement, type ReactNode } from "react";
import styles from "./Message.module.css";
import type { MailImage, MailNode } from "./mail";

/** Mail that is only paragraphs, lists, links and emphasis, built as elements; no HTML is inserted. */
export function SimpleMail({ blocks }: { blocks: readonly MailNode[] }) {
  return (
    <div className={styles.simple} dir="auto" data-find>
      {blocks.map(build)}
    </div>
  );
}

const empty: ReadonlySet<string> = new Set(["br", "hr"]);

function build(node: MailNode, key: number): ReactNode {
  if (typeof node === "string") return node;
  if (node.tag === "img") return <Picture key={key} image={node} />;
  if (empty.has(node.tag)) return createElement(node.tag, { key });
  const children = node.children.map(build);
  if (node.tag !== "a")
    return createElement(node.tag, { key, dir: node.dir ?? autoDir(node.tag), start: node.start }, ...children);
  if (!node.href) return createElement("span", { key }, ...children);
  const link = { key, href: node.href, target: "_blank", rel: "noopener noreferrer", referrerPolicy: "no-referrer" };
  return createElement("a", link, ...children);
}

/** The sender's picture, where the sender put it; its size is known before it comes where the mail says so. */
function Picture({ image: { src, alt, width, height } }: { image: MailImage }) {
  return (
    <img
      className={styles.picture}
      src={src}
      alt={alt}
      width={width}
      height={height}
      loading="lazy"
      decoding="async"
      referrerPolicy="no-referrer"
    />
  );
}

/** Each paragraph has its own direction, as in plain text: a reply in Arabic may quote English. */
function autoDir(tag: string): "auto" | undefined {
  return tag === "p" || tag === "li" || tag === "blockquote" ? "auto" : undefined;
}
