import type { FieldErrors, FieldPath } from './field-errors.js';

// k8s 1.37 pkg/apis/core/validation/validation.go: paths of files

export const hasBacksteps = (file: string): boolean => file.split('/').includes('..');

/** validatePathNoBacksteps */
export function validateNoBacksteps(file: string, path: FieldPath, errors: FieldErrors): void {
  if (hasBacksteps(file)) {
    errors.invalid(path, file, "must not contain '..'");
  }
}

/** validateLocalDescendingPath */
export function validateDescendingPath(file: string, path: FieldPath, errors: FieldErrors): void {
  if (file.startsWith('/')) {
    errors.invalid(path, file, 'must be a relative path');
  }
  validateNoBacksteps(file, path, errors);
}

/** ValidateLocalNonReservedPath: names that start with two dots are the kubelet's own. */
export function validateUnreservedPath(file: string, path: FieldPath, errors: FieldErrors): void {
  validateDescendingPath(file, path, errors);
  if (file.startsWith('..') && !file.startsWith('../')) {
    errors.invalid(path, file, "must not start with '..'");
  }
}
