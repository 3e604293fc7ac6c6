/** A reason, and the inputs that it closes: paths of one type, `*` for any name between dots, `**` for everything below. */
export interface Closed {
  readonly reason: string;
  readonly inputs: readonly string[];
}
