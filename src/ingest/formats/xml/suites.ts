// Finds the suites and tests of a document, in its order, however they are nested.

import type { FileReading } from '../reading'
import { attribute, childElements, type Element, isElement, localName, ownText } from './document'
import type { LeftOut } from './left-out'
import { isOutput, isProblem } from './outcome'
import { isProperties } from './properties'

export interface Suite {
  element: Element
  /** The names of the suites from the outermost to this one; '' if there are none. */
  name: string
  /** Direct children. */
  suites: Suite[]
  tests: FoundTest[]
}

export interface FoundTest {
  element: Element
  suite: Suite
}

export interface FoundSuites {
  root: Suite
  /** Does not include the root if that is a <testsuites>. Outer suites precede inner ones. */
  suites: Suite[]
  tests: FoundTest[]
  /** The name of <testsuites>, or else of the only outermost suite. */
  name: string
}

/** Separates the names of nested suites, as of TAP's subtests. */
const NAME_SEPARATOR = ' > '

/** Uses a loop instead of recursion: suites may be nested too deep for the stack. */
export function findSuites(rootElement: Element, reading: FileReading, leftOut: LeftOut): FoundSuites {
  const only = onlySuite(rootElement)
  const name = suiteName(rootElement) || (only ? suiteName(only) : '')
  /** The suite that has the same name as the whole document. Its name is not repeated in the names of inner suites. */
  const whole = only && suiteName(only) === name ? only : undefined
  const isSuite = localName(rootElement) === 'testsuite'
  const root = newSuite(rootElement, '')
  const found: FoundSuites = { root, suites: isSuite ? [root] : [], tests: [], name }
  const waiting: (Suite | FoundTest)[] = [root]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if ('suite' in next) {
      found.tests.push(next)
      continue
    }
    if (next !== root) found.suites.push(next)
    const inside = childrenOf(next)
    for (const item of inside.reverse()) waiting.push(item)
    if (ownText(next.element).trim() !== '') leftOut.add(`text in <${next.element.name.slice(0, 60)}>`)
  }
  return found

  function childrenOf(suite: Suite): (Suite | FoundTest)[] {
    const inside: (Suite | FoundTest)[] = []
    const problems: Element[] = []
    for (const child of suite.element.children) {
      if (!isElement(child)) continue
      const kind = localName(child)
      if (kind === 'testcase') {
        const test = { element: child, suite }
        suite.tests.push(test)
        inside.push(test)
      } else if (kind === 'testsuite' || kind === 'testsuites') {
        const inner = newSuite(child, suite.element === whole ? '' : suite.name)
        suite.suites.push(inner)
        inside.push(inner)
      } else if (isProblem(child)) problems.push(child)
      else if (!isOutput(child) && !isProperties(child)) leftOut.element(child.name, suite.element.name)
    }
    if (problems.length > 0) inside.push({ suite, element: testOfProblems(suite, problems) })
    return inside
  }

  function newSuite(element: Element, before: string): Suite {
    const own = element === rootElement && !isSuite ? '' : suiteName(element)
    const name = before === '' || own === '' ? before || own : `${before}${NAME_SEPARATOR}${own}`
    // Long names are cut: the full names of deeply nested suites could be longer than the file.
    return { element, name: reading.name(name, 'name of a suite'), suites: [], tests: [] }
  }
}

/** Makes a test of the problems of a suite outside its tests, so that they are visible. */
function testOfProblems({ element }: Suite, problems: Element[]): Element {
  return { name: 'testcase', attributes: { name: suiteName(element) || 'suite' }, children: problems }
}

/** The outermost suite, if there is exactly one. */
function onlySuite(root: Element): Element | undefined {
  if (localName(root) === 'testsuite') return root
  const [only, ...others] = childElements(root).filter((child) =>
    /^test(suites?|case)$/.test(localName(child)),
  )
  return others.length === 0 && only && localName(only) === 'testsuite' ? only : undefined
}

function suiteName(element: Element): string {
  return attribute(element, 'name').trim()
}
