/** A file that cannot be read any further. Rows before the place are good. */
export class BrokenFile extends Error {
  /** Counted from 1; null = the file as a whole. */
  readonly line: number | null;
  constructor(message: string, line: number | null) {
    super(message);
    this.name = 'BrokenFile';
    this.line = line;
  }
}
