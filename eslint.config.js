import tseslint from "typescript-eslint";

/** `process.env` is read where configuration is read, and by the tools around the program; never by components, platforms or systems. */
const program = ["index.ts", "systems/**", "components/**", "platforms/**"];
const providers = { group: ["@pulumi/digitalocean", "@pulumi/docker", "@pulumi/github", "@pulumi/kubernetes", "@pulumi/random"] };
const aroundTheProgram = { group: ["**/sandbox/**", "**/operations/**"], message: "The program never imports what runs around it." };

export default tseslint.config(
  { ignores: ["node_modules", ".sandbox", "eslint.config.js", "**/*.mjs"] },
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-unused-expressions": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-base-to-string": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      eqeqeq: "error",
    },
  },
  {
    files: program,
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Read the process environment in config/ only." },
      ],
      "no-restricted-imports": ["error", { patterns: [aroundTheProgram] }],
    },
  },
  {
    // Workers load a helper once, so that its hooks would stand in one file only.
    files: ["tests/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "Program > ExpressionStatement > CallExpression[callee.name=/^(before|after)(Each|All)$/]",
          message: "Export a function, and let each test file give it to beforeEach.",
        },
      ],
    },
  },
  {
    files: ["systems/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [aroundTheProgram, { ...providers, message: "A system composes components; it never talks to a provider." }] },
      ],
    },
  },
);
