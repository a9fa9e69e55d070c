/** A record with the stamps that its changes so far gave it, in seconds. */
export interface Kept<T> {
  story: T;
  /** When anything last changed it, systems included: what exports go by. */
  stamp: number;
  /** When a person or rule last changed it. */
  updated: number;
}
