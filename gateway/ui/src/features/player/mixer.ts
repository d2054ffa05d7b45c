/**
 * Mixer sets a volume per channel. The element's sound is led through WebAudio only when that is
 * needed for the first time: until then the browser plays it the shortest way, which is heard soonest.
 */
export class Mixer {
  private context: AudioContext | undefined;
  private source: MediaElementAudioSourceNode | undefined;
  private nodes: AudioNode[] = [];
  private gains: GainNode[] = [];

  constructor(private readonly element: HTMLMediaElement) {}

  /** One volume for a recording with one channel, two for left and right. */
  set(volumes: readonly number[]): void {
    const alike = volumes.every((volume) => volume === volumes[0]);
    if (!this.source && (alike || typeof AudioContext === "undefined")) {
      this.element.volume = volumes[0] ?? 1;
      return;
    }
    this.element.volume = 1;
    if (this.gains.length !== volumes.length) this.connect(volumes.length);
    volumes.forEach((volume, channel) => {
      const now = this.context?.currentTime ?? 0;
      this.gains[channel]?.gain.setTargetAtTime(volume, now, 0.015); // no click
    });
  }

  /** A context made before a gesture is suspended; playing is one. */
  resume(): void {
    if (this.context?.state === "suspended") void this.context.resume().catch(() => undefined);
  }

  close(): void {
    for (const node of this.nodes) node.disconnect();
    void this.context?.close().catch(() => undefined);
    this.context = undefined;
    this.source = undefined;
    this.nodes = [];
    this.gains = [];
  }

  private connect(channels: number) {
    const context = this.context ?? new AudioContext();
    this.context = context;
    this.source ??= context.createMediaElementSource(this.element);
    for (const node of [this.source, ...this.nodes]) node.disconnect();
    this.gains = Array.from({ length: channels }, () => context.createGain());
    if (channels === 1) {
      const [gain] = this.gains as [GainNode];
      this.source.connect(gain).connect(context.destination);
      this.nodes = [gain];
    } else {
      const [splitter, merger] = [context.createChannelSplitter(2), context.createChannelMerger(2)];
      this.source.connect(splitter);
      this.gains.forEach((gain, channel) => void splitter.connect(gain, channel).connect(merger, 0, channel));
      merger.connect(context.destination);
      this.nodes = [splitter, merger, ...this.gains];
    }
    this.resume();
  }
}
