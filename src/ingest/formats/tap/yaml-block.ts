// Finds the lines that belong to the YAML of a test.

export class YamlBlock {
  #open: { indent: number; lines: string[]; line: number } | null = null

  /** @param onUnclosed  gets the first line of a block that does not end. */
  constructor(readonly onUnclosed: (line: number) => void) {}

  /** @param lines  gets the lines of the block; `line`: the number of the line that opens it. */
  open(lines: string[], indent: number, line: number): void {
    this.#open = { indent, lines, line }
  }

  /** @returns whether the line belongs to the YAML */
  takes(line: string, indent: number): boolean {
    if (!this.#open) return false
    const text = line.trim()
    const isEnd = text === '...' && indent <= this.#open.indent
    const isOutside = text !== '' && indent < this.#open.indent && !line.startsWith('\t')
    if (isEnd) this.#open = null
    else if (isOutside) this.end()
    else this.#open.lines.push(line)
    return isEnd || !isOutside
  }

  /** Ends a block that has no end line. */
  end(): void {
    if (this.#open) this.onUnclosed(this.#open.line)
    this.#open = null
  }
}
