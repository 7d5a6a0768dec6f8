// Bun embeds the file in the binary; the import is its path.
declare module '*/standalone.js' {
  const path: string
  export default path
}
