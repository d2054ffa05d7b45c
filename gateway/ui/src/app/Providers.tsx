import { MantineProvider } from "@mantine/core";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { mantineTheme, mantineVariables, useScheme } from "./theme";

interface Props {
  queries: QueryClient;
  /** The page's CSP nonce, for the styles that Mantine makes. */
  nonce: string;
  children: ReactNode;
}

export function Providers({ queries, nonce, children }: Props) {
  return (
    <MantineProvider
      theme={mantineTheme}
      cssVariablesResolver={mantineVariables}
      forceColorScheme={useScheme()}
      getStyleNonce={() => nonce}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </MantineProvider>
  );
}
