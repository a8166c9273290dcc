"""Changes to other packages are undone."""

from codepipeline_sandbox.kernel.patches import Patches


class Owner:
    @staticmethod
    def static():
        return "before"


def test_patches_restore_what_was_there_before_in_reverse_order():
    items, numbers = {"there": 1}, [1, 2]
    with Patches() as patches:
        for value in ("first", "second"):
            patches.attribute(Owner, "static", staticmethod(lambda value=value: value))
        patches.attribute(Owner, "added", 1)
        patches.item("items", items, "there", 2)
        patches.item("items", items, "added", 2)
        patches.item("numbers", numbers, 0, 3)

        assert Owner.static() == "second"
        assert items == {"there": 2, "added": 2}
        assert numbers == [3, 2]
        names = {f"{__name__}.Owner.static", f"{__name__}.Owner.added", "items", "numbers"}
        assert set(patches) == names

    assert Owner.static() == Owner().static() == "before"
    assert not hasattr(Owner, "added")
    assert items == {"there": 1}
    assert numbers == [1, 2]
    assert list(patches) == []
