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
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={wide ? "44rem" : "26rem"}
      withCloseButton={!firm}
      closeOnEscape={!firm}
      closeOnClickOutside={!firm}
      closeButtonProps={{ "aria-label": t("close") }}
      transitionProps={{ duration: 0 }}
      radius={4}
      shadow="none"
      padding={0}
      yOffset="12dvh"
      classNames={{
        inner: styles.inner,
        content: styles.content,
        header: styles.header,
        title: styles.title,
        body: styles.body,
        close: styles.close,
        overlay: styles.overlay,
      }}
    >
      {children}
    </Modal>
  );
}
