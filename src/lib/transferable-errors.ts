// Sends errors from one thread to another. A structured clone or JSON would lose their class and properties, so each
// class has a code, by which the other thread finds the class.

type ErrorClass = abstract new (...parameters: never[]) => Error

const classes = new Map<string, ErrorClass>()
const codes = new Map<unknown, string>()

/** An error as plain values. */
export interface PlainError {
  /** The code of its class; undefined: the class is not registered. */
  code?: string | undefined
  name: string
  message: string
  stack: string | undefined
  /** The error's own enumerable properties; plain values. */
  properties: Record<string, unknown>
}

/**
 * Gives classes their codes. Call it where the classes are defined, so that every thread that loads a class knows it.
 *
 * @throws Error when a code belongs to another class.
 */
export function registerErrors(byCode: Record<string, ErrorClass>): void {
  for (const [code, type] of Object.entries(byCode)) {
    if (classes.has(code)) throw new Error(`two classes of errors have the code ${code}`)
    classes.set(code, type)
    codes.set(type, code)
  }
}

/** The code of the error's class, or else of the nearest class that it extends. */
export function codeOfClass(error: Error): string | undefined {
  for (
    let type: unknown = error.constructor;
    typeof type === 'function';
    type = Object.getPrototypeOf(type)
  ) {
    const code = codes.get(type)
    if (code !== undefined) return code
  }
  // Only `instanceof` recognizes the errors of Bun's SQLite: their constructor is Error.
  return [...classes].find(([, type]) => error instanceof type)?.[0]
}

/** @param error  any thrown value. An error without a code loses its properties, because they may be anything. */
export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return toPlainError(new Error(String(error)))
  const { name, message, stack } = error
  const code = codeOfClass(error)
  return { code, name, message, stack, properties: code === undefined ? {} : { ...error } }
}

/** Restores the error. It gets its class if this thread knows the code. */
export function fromPlainError({ code = '', name, message, stack, properties }: PlainError): Error {
  const error = Object.setPrototypeOf(new Error(message), (classes.get(code) ?? Error).prototype)
  if (stack !== undefined) error.stack = stack
  Object.defineProperty(error, 'name', { value: name }) // Bun recognizes some of its errors by their name
  return Object.assign(error, properties)
}
