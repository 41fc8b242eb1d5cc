import type { HTTPGetAction, IntOrString, Lifecycle, LifecycleHandler, Probe } from '../generated/types.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { isHttpHeaderName, isPort, isPortName } from './names.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

/** validateLivenessProbe and validateStartupProbe */
export function validateProbe(probe: Probe | undefined, path: FieldPath, errors: FieldErrors): void {
  if (probe === undefined) {
    return;
  }
  validateAnyProbe(probe, path, errors);
  if (probe.successThreshold !== 1) {
    errors.invalid(path.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1');
  }
}

export function validateReadinessProbe(probe: Probe | undefined, path: FieldPath, errors: FieldErrors): void {
  if (probe === undefined) {
    return;
  }
  validateAnyProbe(probe, path, errors);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined) {
    errors.invalid(path.child('terminationGracePeriodSeconds'), grace, 'must not be set for readinessProbes');
  }
}

function validateAnyProbe(probe: Probe, path: FieldPath, errors: FieldErrors): void {
  validateHandler(probe, undefined, path, errors);
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.nonNegative(path.child(field), probe[field]);
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.invalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0');
  }
}

const WINDOWS_SIGNALS = ['SIGKILL', 'SIGTERM'];
const numbered = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const LINUX_SIGNALS = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT'.split(' '),
  ...'SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'.split(' '),
  ...['RTMIN', 'RTMAX'],
  ...numbered(1, 15).map((n) => `RTMIN+${n}`),
  ...numbered(1, 14).map((n) => `RTMAX-${n}`),
]
  .map((name) => `SIG${name}`)
  .sort();

/** validateLifecycle */
export function validateLifecycle(
  { postStart, preStop, stopSignal }: Lifecycle,
  gracePeriod: number | undefined,
  operatingSystem: string | undefined,
  path: FieldPath,
  errors: FieldErrors,
): void {
  if (postStart) {
    validateHandler(postStart, gracePeriod, path.child('postStart'), errors);
  }
  if (preStop) {
    validateHandler(preStop, gracePeriod, path.child('preStop'), errors);
  }
  if (stopSignal === undefined) {
    return;
  }
  if (operatingSystem === undefined) {
    errors.forbidden(path.child('stopSignal'), 'may not be set for containers with empty `spec.os.name`');
  } else {
    const signals = operatingSystem === 'windows' ? WINDOWS_SIGNALS : LINUX_SIGNALS;
    errors.ifSetOneOf(path.child('stopSignal'), stopSignal, signals);
  }
}

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & LifecycleHandler;

/** validateHandler: one way of asking, and no more */
function validateHandler(
  handler: Handler,
  gracePeriod: number | undefined,
  path: FieldPath,
  errors: FieldErrors,
): void {
  const found = (['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const).filter(
    (type) => handler[type] !== undefined,
  );
  const [first, ...others] = found;
  if (first === undefined) {
    errors.required(path, 'must specify a handler type');
    return;
  }
  const at = path.child(first);
  if (first === 'exec') {
    if (!handler.exec?.command?.length) {
      errors.required(at.child('command'));
    }
  } else if (first === 'httpGet') {
    validateHttpGet(handler.httpGet as HTTPGetAction, at, errors);
  } else if (first === 'tcpSocket' || first === 'grpc') {
    validatePortReference(handler[first]?.port ?? 0, at.child('port'), errors);
  } else if (first === 'sleep') {
    const seconds = handler.sleep?.seconds ?? 0;
    if (gracePeriod !== undefined && (seconds < 0 || seconds > gracePeriod)) {
      const message = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
      errors.invalid(at, seconds, message);
    }
  }
  for (const other of others) {
    errors.forbidden(path.child(other), 'may not specify more than 1 handler type');
  }
}

function validateHttpGet(action: HTTPGetAction, path: FieldPath, errors: FieldErrors): void {
  if (!action.path) {
    errors.required(path.child('path'));
  }
  validatePortReference(action.port, path.child('port'), errors);
  errors.ifSetOneOf(path.child('scheme'), action.scheme ?? '', ['HTTP', 'HTTPS']);
  for (const { name } of action.httpHeaders ?? []) {
    errors.invalidEach(path.child('httpHeaders'), name, isHttpHeaderName(name));
  }
}

/** ValidatePortNumOrName */
export function validatePortReference(port: IntOrString, path: FieldPath, errors: FieldErrors): void {
  errors.invalidEach(path, port, typeof port === 'number' ? isPort(port) : isPortName(port));
}
