/** Thrown when the simulator itself is wrong; never for a user's mistake or for an outcome that Kubernetes knows. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) {
    throw new InvariantError(`invariant: ${message}`);
  }
}
