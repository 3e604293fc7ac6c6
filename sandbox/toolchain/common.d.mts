export declare const repository: string;
export declare class ToolchainError extends Error {}
export declare function mendHome(env?: NodeJS.ProcessEnv): void;
export declare function cacheDirectory(env?: NodeJS.ProcessEnv, writable?: (directory: string) => boolean): string;
export declare function findCached(name: string, env?: NodeJS.ProcessEnv, writable?: (directory: string) => boolean): string | undefined;
export declare function isAtLeast(a: string, b: string): boolean;
export declare function findOnPath(name: string, env?: NodeJS.ProcessEnv): string | undefined;
export declare function step<T>(title: string, work: (detail: (words: string) => void) => Promise<T>, out?: NodeJS.WriteStream): Promise<T>;
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Called with each line of stderr. */
  readonly onLine?: (line: string) => void;
}
export declare function runQuietly(command: string, args: readonly string[], options?: RunOptions): Promise<string>;
export declare function withLock<T>(path: string, title: string, work: () => T | Promise<T>): Promise<T>;
