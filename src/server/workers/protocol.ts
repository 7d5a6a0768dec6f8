/** What a thread broke down of: it comes as on a terminal, with its code around it, in the binary a file in one line. */
export function breakdownOf(message: string): Error {
  return new Error(/^\w*error: .*$/im.exec(message)?.[0] ?? message)
}
