from __future__ import annotations

from typing import Any

import pytest

from MedVOSSegmentLib.scene.hierarchy import folder_of, item_of, new_folder, put_into, remove_node
from MedVOSSegmentLib.scene.logics import Logics


@pytest.fixture
def a_table(logics: Logics) -> Any:
    return logics.scene.AddNewNodeByClass("vtkMRMLTableNode", "Table")


def test_a_node_has_one_item(logics: Logics, a_table: Any) -> None:
    item = item_of(logics.hierarchy, a_table)
    assert item_of(logics.hierarchy, a_table) == item
    assert logics.hierarchy.GetItemName(item) == "Table"


def test_a_folder_comes_where_the_node_beside_it_is(logics: Logics, a_table: Any) -> None:
    hierarchy = logics.hierarchy
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "Study")
    put_into(hierarchy, study, a_table)
    assert hierarchy.GetItemParent(new_folder(hierarchy, "Heart", a_table)) == study


def test_nodes_move_into_a_folder(logics: Logics, a_table: Any) -> None:
    folder = new_folder(logics.hierarchy, "Heart", a_table)
    put_into(logics.hierarchy, folder, a_table)
    assert folder_of(logics.hierarchy, a_table) == folder


def test_a_removed_node_leaves_nothing_behind(logics: Logics) -> None:
    before = logics.scene.GetNumberOfNodes()
    model = logics.scene.AddNewNodeByClass("vtkMRMLModelNode")
    model.CreateDefaultDisplayNodes()
    model.AddDefaultStorageNode()
    item_of(logics.hierarchy, model)
    remove_node(logics.hierarchy, model)
    assert logics.scene.GetNumberOfNodes() == before
    assert logics.hierarchy.GetNumberOfItems() == 0
