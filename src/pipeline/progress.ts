/** Where long work reports how far it is; the command line draws bars, tests and jobs ignore it. */
export interface Progress {
  start(title: string): ProgressBar;
}
export interface ProgressBar {
  update(done: number, total?: number): void;
  done(note?: string): void;
}

export const silent: Progress = { start: () => ({ update: () => {}, done: () => {} }) };
