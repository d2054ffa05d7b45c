/** The shell's words. Namespace "app". */
export const en = {
  name: "Sightglass",
};
