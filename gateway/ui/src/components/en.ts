/** Words that more than one feature says. Namespace "common". */
export const en = {
  tryAgain: "Try again",
  tryAgainIn: "{{label}} in {{seconds}} s",
  request: "Request",
  theProvider: "the provider",
  close: "Close",
  cancel: "Cancel",
  loading: "Loading",
  required: "This is needed.",
  copy: { idle: "Copy", copied: "Copied", failed: "Select it by hand" },
  fault: {
    request: "About this request",
    account: "About the link to {{provider}}",
    provider: "At {{provider}}",
    gateway: "At our gateway",
  },
};
