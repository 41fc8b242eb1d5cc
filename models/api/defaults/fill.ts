/** The object with these fields where it leaves them out; the object itself when it has them all. '' is as good as absent. */
export const fill = <T extends object>(object: T, defaults: Partial<T>): T =>
  fillWhere(object, defaults, (found) => found === undefined || found === '');

/** The same for fields that Go keeps as pointers: '' is something said. */
export const fillUnsaid = <T extends object>(object: T, defaults: Partial<T>): T =>
  fillWhere(object, defaults, (found) => found === undefined);

function fillWhere<T extends object>(object: T, defaults: Partial<T>, isLeftOut: (found: unknown) => boolean): T {
  const missing: Partial<T> = {};
  let isMissing = false;
  for (const field in defaults) {
    if (isLeftOut(object[field]) && defaults[field] !== undefined) {
      missing[field] = defaults[field];
      isMissing = true;
    }
  }
  return isMissing ? { ...object, ...missing } : object;
}

/** The object with these fields instead; the object itself when they are the ones it has. */
export function change<T extends object>(object: T, fields: Partial<T>): T {
  for (const field in fields) {
    if (fields[field] !== object[field]) {
      return { ...object, ...fields };
    }
  }
  return object;
}

/** Every item changed; the list itself when none is. */
export function changeEach<T>(list: readonly T[], changeItem: (item: T) => T): readonly T[];
export function changeEach<T>(list: readonly T[] | undefined, changeItem: (item: T) => T): readonly T[] | undefined;
export function changeEach<T>(list: readonly T[] | undefined, changeItem: (item: T) => T): readonly T[] | undefined {
  if (list === undefined || list.length === 0) {
    return list;
  }
  const changed = list.map(changeItem);
  return changed.every((item, i) => item === list[i]) ? list : changed;
}

/** The function, remembering its answer for each argument as long as the argument lives; an answer answers itself. */
export function settled<T extends object>(compute: (argument: T) => T): (argument: T) => T {
  const answers = new WeakMap<T, T>();
  return (argument) => {
    let answer = answers.get(argument);
    if (answer === undefined) {
      answer = compute(argument);
      answers.set(argument, answer);
      answers.set(answer, answer);
    }
    return answer;
  };
}
