import { type Kind, SERVED_KINDS } from '../api/index.js';
import type { ApiError, ErrorReason, StatusCause } from '../client-go/index.js';

export type Failure = { readonly ok: false; readonly error: ApiError };

export const failure = (error: ApiError): Failure => ({ ok: false, error });

/** "pods", "deployments.apps". */
export const qualifiedResource = (kind: Kind): string => SERVED_KINDS[kind].plural + groupSuffix(kind);

// Messages are those of k8s.io/apimachinery pkg/api/errors.

export const notFound = (kind: Kind, name: string): Failure =>
  refusal('NotFound', 404, `${qualifiedResource(kind)} "${name}" not found`);

/** The text says more of a name that the server drew itself, and of an object that is on its way out. */
export function alreadyExists(
  kind: Kind,
  name: string,
  { isGenerated, isBeingDeleted }: { readonly isGenerated: boolean; readonly isBeingDeleted: boolean },
): Failure {
  const before = isBeingDeleted ? 'object is being deleted: ' : '';
  const after = isGenerated ? ', the server was not able to generate a unique name for the object' : '';
  return refusal('AlreadyExists', 409, `${before}${qualifiedResource(kind)} "${name}" already exists${after}`);
}

const STALE = 'the object has been modified; please apply your changes to the latest version and try again';

/** `resource` is given where a subresource is named: "pods/binding". */
export const conflict = (kind: Kind, name: string, why = STALE, resource = qualifiedResource(kind)): Failure =>
  refusal('Conflict', 409, `Operation cannot be fulfilled on ${resource} "${name}": ${why}`);

export const forbidden = (kind: Kind, name: string, why: string, causes: readonly StatusCause[] = []): Failure =>
  refusal('Forbidden', 403, `${qualifiedResource(kind)}${name && ` "${name}"`} is forbidden: ${why}`, causes);

/** The text of a cause is "field: message"; several are listed in brackets, as field.ErrorList.ToAggregate. */
export function invalid(kind: Kind, name: string, causes: readonly StatusCause[]): Failure {
  const texts = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))];
  const why = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return refusal('Invalid', 422, `${kind}${groupSuffix(kind)} "${name}" is invalid: ${why}`, causes);
}

export const badRequest = (message: string): Failure => refusal('BadRequest', 400, message);

/** A subresource or a path that is not served. */
export const noSuchResource = (): Failure =>
  refusal('NotFound', 404, 'the server could not find the requested resource');

export const internalError = (message: string): Failure => refusal('InternalError', 500, message);

/** A retryAfterSeconds of zero sends no Retry-After header, so clients do not retry by themselves. */
export const tooManyRequests = (
  message: string,
  retryAfterSeconds: number,
  causes: readonly StatusCause[] = [],
): Failure => failure({ reason: 'TooManyRequests', code: 429, message, retryAfterSeconds, causes });

/** The server gave up for now. As NewTimeoutError. */
export const timedOut = (message: string, retryAfterSeconds: number): Failure =>
  failure({ reason: 'Timeout', code: 504, message: `Timeout: ${message}`, retryAfterSeconds });

/** What the client makes of silence. */
export const unreachable = (message: string): Failure => refusal('Unreachable', 0, message);

function refusal(reason: ErrorReason, code: number, message: string, causes: readonly StatusCause[] = []): Failure {
  return failure(causes.length === 0 ? { reason, code, message } : { reason, code, message, causes });
}

function groupSuffix(kind: Kind): string {
  const { apiVersion } = SERVED_KINDS[kind];
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : `.${apiVersion.slice(0, slash)}`;
}
