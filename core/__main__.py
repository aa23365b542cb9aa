"""`python -m core …`: see core/commands/app.py."""

import sys

if sys.argv[1:2] == ["waiting"]:  # a race in line, which stays light
    from core.commands.waiting import main

    main()
else:
    from core.commands.app import app

    app(prog_name="python -m core")
