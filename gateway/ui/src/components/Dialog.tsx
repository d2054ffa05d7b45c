import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Dialog.module.css";

interface Props {
  title: string;
  onClose: () => void;
  /** Without a way out: the page below cannot be used before it is answered. */
  firm?: boolean;
  wide?: boolean;
  children: ReactNode;
}

/** A dialog over the page. Focus goes into it, stays in it and returns to where it was. */
export function Dialog({ title, onClose, firm = false, wide = false, children }: Props) {
  const { t } = useTranslation("common");
  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={wide ? "44rem" : "26rem"}
      closeOnEscape={!firm}
      closeOnClickOutside={!firm}
      transitionProps={{ duration: 0 }}
      radius={4}
      shadow="none"
      padding={0}
      yOffset="12dvh"
      classNames={{
        inner: styles.inner,
        content: styles.content,
        title: styles.title,
        body: styles.body,
        close: styles.close,
        overlay: styles.overlay,
      }}
    >
      <Modal.Overlay />
      <Modal.Content>
        {/* no <header>: there it would be a second banner of the page */}
        <div className={styles.header}>
          <Modal.Title>{title}</Modal.Title>
          {!firm && <Modal.CloseButton aria-label={t("close")} />}
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
