// Errors on their way from one thread to another. A structured clone or JSON would lose their class and their
// properties, so each class has a code, and the other thread finds the class by that code.

type ErrorClass = abstract new (...parameters: never[]) => Error

const classes = new Map<string, ErrorClass>()
const codes = new Map<unknown, string>()

/** An error as plain values. */
export interface PlainError {
  /** Of its class; undefined: no class that is registered. */
  code?: string | undefined
  name: string
  message: string
  stack: string | undefined
  /** Its own enumerable properties; plain values. */
  properties: Record<string, unknown>
}

/**
 * Gives classes their codes. To be called beside their definition, so that every thread that loads a class knows it.
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
  // Bun's SQLiteErrors are known by `instanceof` alone: Error is their constructor.
  return [...classes].find(([, type]) => error instanceof type)?.[0]
}

/** @param error  whatever was thrown. The properties of an error without a code stay behind: they may be anything. */
export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return toPlainError(new Error(String(error)))
  const { name, message, stack } = error
  const code = codeOfClass(error)
  return { code, name, message, stack, properties: code === undefined ? {} : { ...error } }
}

/** The error again, of its class where this thread knows the code. */
export function fromPlainError({ code = '', name, message, stack, properties }: PlainError): Error {
  const error = Object.setPrototypeOf(new Error(message), (classes.get(code) ?? Error).prototype)
  if (stack !== undefined) error.stack = stack
  Object.defineProperty(error, 'name', { value: name }) // Bun recognises an SQLiteError by it
  return Object.assign(error, properties)
}
