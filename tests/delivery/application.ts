/** A small application: what the template's workflows test and build. */
export const application = {
  "backend/Dockerfile": "FROM scratch\n",
  "backend/alembic/versions/0001_first.py": "# groundwork: backward compatible\n",
  "frontend/Dockerfile": "FROM scratch\n",
};
